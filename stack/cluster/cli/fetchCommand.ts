import type { Paint, Terminal } from '../../terminal/index.ts';
import { LocalCluster } from '../localCluster.ts';
import type { ClusterSettings } from '../settings.ts';
import type { RunningCommand } from './command.ts';
import { clusterPaths } from './paths.ts';

/** `fetch`: everything that the engines are made of, verified, without starting any. */
export function fetchCommand(
  settings: ClusterSettings,
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
  paint: Paint,
): RunningCommand {
  const log = {
    step: terminal.step.bind(terminal),
    progress: (text: string) => terminal.line(paint('dim', text)),
  };
  const { cacheDir, dataDir, ports } = settings;
  const cluster = new LocalCluster({ dataDir: clusterPaths(dataDir).engines, cacheDir, ports, env, log });
  return {
    async run() {
      await cluster.fetch();
      terminal.line(`The engines are in ${cacheDir}.`);
    },
    stop: () => cluster.stop(),
    kill: () => void cluster.kill(),
    stopped: Promise.resolve(),
  };
}
