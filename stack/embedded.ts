/** `npm start`: the whole platform in the embedded profile under one supervisor, until Ctrl-C. */
import { dirname } from 'node:path';
import { exitWithParent } from '@ebap/adapters/process';
import { loadSettings } from '@ebap/adapters/settings';
import { isAppError } from '@ebap/pipeline/errors';
import { EmbeddedStart } from './start/embeddedStart.ts';
import { coloursWanted, painter, Terminal } from './terminal/index.ts';

const ROOT = dirname(import.meta.dirname);
const STOP_WITHIN_MS = 75_000;
/** What a shell reports for a program that Ctrl-C ended. */
const EXIT_CODE_INTERRUPTED = 130;

const paint = painter(coloursWanted(process.stdout, process.env));
const terminal = new Terminal(process.stdout, paint);
// A terminal that was closed must not keep the platform from stopping in order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  const start = new EmbeddedStart({
    root: ROOT,
    settings: loadSettings(process.env, ROOT),
    env: process.env,
    terminal,
    paint,
  });
  let interrupts = 0;
  const interrupt = () => {
    interrupts += 1;
    if (interrupts === 1) void start.stop();
    else {
      start.kill();
      process.exit(EXIT_CODE_INTERRUPTED);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  exitWithParent(process.env, { stop: () => start.stop(), graceMs: STOP_WITHIN_MS });
  await start.run();
  await start.stopped;
  process.exit(0);
} catch (error) {
  const message = isAppError(error) ? error.message : error instanceof Error ? (error.stack ?? error.message) : error;
  if (!isAppError(error, 'cancelled')) terminal.line(`\n${paint('red', String(message))}\n`);
  process.exit(isAppError(error, 'cancelled') ? 0 : 1);
}
