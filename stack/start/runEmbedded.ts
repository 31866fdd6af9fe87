import { exitWithParent } from '@ebap/adapters/process';
import { loadSettings } from '@ebap/adapters/settings';
import { isAppError } from '@ebap/pipeline/errors';
import { coloursWanted, painter, Terminal } from '../terminal/index.ts';
import { EmbeddedStart } from './embeddedStart.ts';

const STOP_WITHIN_MS = 75_000;
/** npm and the terminal may each pass on the same Ctrl-C. */
const SAME_INTERRUPT_MS = 500;
/** What a shell reports for a program that Ctrl-C ended. */
const EXIT_CODE_INTERRUPTED = 130;

/**
 * Runs the platform from the checkout in `root` until a signal or the parent's end stops it.
 * @returns the exit code
 */
export async function runEmbedded(root: string): Promise<number> {
  const paint = painter(coloursWanted(process.stdout, process.env));
  const terminal = new Terminal(process.stdout, paint);
  // A terminal that was closed must not keep the platform from stopping in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    const settings = loadSettings(process.env, root);
    const start = new EmbeddedStart({ root, settings, env: process.env, terminal, paint });
    stopOnSignals(start);
    exitWithParent(process.env, { stop: () => start.stop(), graceMs: STOP_WITHIN_MS });
    await start.run();
    await start.stopped;
    return 0;
  } catch (error) {
    if (isAppError(error, 'cancelled')) return 0;
    const message = isAppError(error) ? error.message : error instanceof Error ? error.stack : error;
    terminal.line(`\n${paint('red', String(message))}\n`);
    return 1;
  }
}

/** The first signal stops in order; a later Ctrl-C ends everything at once. */
function stopOnSignals(start: EmbeddedStart): void {
  let firstMs: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (firstMs === undefined) {
        firstMs = performance.now();
        void start.stop();
      } else if (signal === 'SIGINT' && performance.now() - firstMs > SAME_INTERRUPT_MS) {
        start.kill();
        process.exit(EXIT_CODE_INTERRUPTED);
      }
    });
  }
}
