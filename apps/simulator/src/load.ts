import { readFileSync } from 'node:fs';
import { isAppError } from '@ebap/pipeline/errors';
import { openAckLog } from './load/ackLog.ts';
import { runLoad } from './load/loadRun.ts';
import { LOAD_USAGE, parseLoadOptions } from './load/options.ts';

/** Load generator for benchmarks and kill trials. Prints its result as JSON. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(LOAD_USAGE);
    return 0;
  }
  const options = parseLoadOptions(args, (path) => readFileSync(path, 'utf8').trim());
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  const log = openAckLog(options.out);
  const before = process.cpuUsage();
  const result = await runLoad(options, log, stop.signal).finally(() => log.close());
  const { user, system } = process.cpuUsage(before);
  const cpuPercent = Math.round(((user + system) / 10_000 / result.seconds) * 10) / 10;
  console.log(JSON.stringify({ ...result, cpuPercent }, null, 2));
  return result.unacknowledged === 0 ? 0 : 2;
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  if (isAppError(error, 'configuration')) console.error(`${error.message}\n\n${LOAD_USAGE}`);
  else console.error(isAppError(error) ? error.message : error);
  process.exit(1);
}
