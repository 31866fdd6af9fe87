import { exitWithParent } from '@ebap/adapters/process';
import { isAppError } from '@ebap/pipeline/errors';
import { buildWeb, isWebBuilt } from '../../start/webBuild.ts';
import { coloursWanted, type Paint, painter, Terminal } from '../../terminal/index.ts';
import { checkProduct, productWelcome } from '../product/access.ts';
import { productServices } from '../product/services.ts';
import { loadClusterSettings } from '../settings.ts';
import { ClusterStart, type ClusterStartOptions } from './clusterStart.ts';
import type { RunningCommand } from './command.ts';
import { fetchCommand } from './fetchCommand.ts';
import { showStatus, stopCluster, wipeCluster } from './manage.ts';
import { startEngines } from './runEngines.ts';

const STOP_WITHIN_MS = 90_000;
/** npm and the terminal may each pass on the same Ctrl-C. */
const SAME_INTERRUPT_MS = 500;
/** What a shell reports for a program that Ctrl-C ended. */
const EXIT_CODE_INTERRUPTED = 130;
const EXIT_CODE_USAGE = 2;

const USAGE = `npm run cluster [-- <command>]
  (none)          the product on the engines, until Ctrl-C; data in .ebap-cluster (EBAP_DATA_DIR)
  fetch           only fetch what is missing into the cache (EBAP_ENGINE_CACHE)
  engines [file]  engines on free ports for tests, until Ctrl-C; prints their addresses, or writes them to the file
  status          what runs, with its memory
  stop            stop the cluster that another terminal started
  wipe            remove all data of the stopped cluster`;

/**
 * Runs one command of `npm run cluster`.
 * @param root the checkout
 * @returns the exit code
 */
export async function runCluster(root: string, args: readonly string[]): Promise<number> {
  const paint = painter(coloursWanted(process.stderr, process.env));
  // What a command gives goes to standard output, what is told meanwhile does not.
  const terminal = new Terminal(process.stderr, paint);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    return await runCommand(root, args, terminal, paint);
  } catch (error) {
    if (isAppError(error, 'cancelled')) return EXIT_CODE_INTERRUPTED;
    const message = isAppError(error) ? error.message : error instanceof Error ? error.stack : error;
    terminal.line(`\n${paint('red', String(message))}\n`);
    return 1;
  }
}

async function runCommand(
  root: string,
  [command, ...rest]: readonly string[],
  terminal: Terminal,
  paint: Paint,
): Promise<number> {
  const { env } = process;
  const settings = loadClusterSettings(env, root);
  switch (command) {
    case undefined:
      return untilStopped(productOnCluster({ root, settings, env, terminal, paint }));
    case 'fetch':
      return untilStopped(fetchCommand(settings, env, terminal, paint));
    case 'engines':
      return untilStopped(await startEngines(env, terminal, rest[0]));
    case 'status':
      showStatus(settings.dataDir, terminal);
      return 0;
    case 'stop':
      await stopCluster(settings.dataDir, terminal);
      return 0;
    case 'wipe':
      await wipeCluster(settings.dataDir, terminal);
      return 0;
    default:
      terminal.line(USAGE);
      return EXIT_CODE_USAGE;
  }
}

function productOnCluster({
  root,
  ...options
}: Omit<ClusterStartOptions, 'product'> & { readonly root: string }): ClusterStart {
  const { settings, env, terminal, paint } = options;
  const product = { root, dataDir: settings.dataDir, env };
  const building = new AbortController();
  const start = new ClusterStart({
    ...options,
    product: {
      check: () => checkProduct(product),
      services: async (addresses) => {
        if (!isWebBuilt(root)) await terminal.step('Web app built', () => buildWeb(root, env, building.signal));
        return terminal.step('Databases up to date', () => productServices(product, addresses));
      },
      welcome: () => productWelcome(product, paint),
    },
  });
  void start.stopped.then(() => building.abort());
  return start;
}

async function untilStopped(command: RunningCommand): Promise<number> {
  stopOnSignals(command);
  exitWithParent(process.env, { stop: () => command.stop(), graceMs: STOP_WITHIN_MS });
  await command.run();
  await command.stopped;
  return 0;
}

/** The first signal stops in order; a later Ctrl-C ends everything at once. */
function stopOnSignals(command: RunningCommand): void {
  let firstMs: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (firstMs === undefined) {
        firstMs = performance.now();
        void command.stop();
      } else if (signal === 'SIGINT' && performance.now() - firstMs > SAME_INTERRUPT_MS) {
        command.kill();
        process.exit(EXIT_CODE_INTERRUPTED);
      }
    });
  }
}
