import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Terminal } from '../../terminal/index.ts';
import { makeThrowawayCluster } from '../throwawayCluster.ts';
import type { RunningCommand } from './command.ts';

/**
 * `engines [file]`: engines on free ports and data of their own, for tests that share them, until stopped. Their
 * addresses are written as JSON to the file (closed to others) or to standard output.
 */
export async function startEngines(
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
  file: string | undefined,
): Promise<RunningCommand> {
  const log = { step: terminal.step.bind(terminal), progress: (text: string) => terminal.line(text) };
  const { cluster, remove, abandon } = await makeThrowawayCluster(env, log);
  const { promise: stopped, resolve: markStopped } = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= terminal.step('Stopped', async () => {
      if (file !== undefined) rmSync(file, { force: true });
      await remove();
    });
    return stopping.finally(markStopped);
  };
  const run = async () => {
    try {
      await cluster.start();
    } catch (error) {
      await stop();
      throw error;
    }
    publish(JSON.stringify(cluster.addresses), file);
    terminal.line(
      file === undefined
        ? 'Set EBAP_TEST_ENGINES to that for npm run test:cluster. Ctrl-C stops the engines.'
        : `EBAP_TEST_ENGINES_FILE=${file} npm run test:cluster   Ctrl-C stops the engines.`,
    );
  };
  return { run, stop, stopped, kill: abandon };
}

function publish(json: string, file: string | undefined): void {
  if (file === undefined) {
    process.stdout.write(`${json}\n`);
    return;
  }
  const draft = `${file}.new`;
  writeFileSync(draft, json, { mode: 0o600 });
  renameSync(draft, file);
}
