/** Shoppers for the demo. More scenarios than the settings': `--scenario name[@delay][:region=…,duration=…]`. */
import { openLogger } from '@ebap/adapters/logging';
import { exitWithParent } from '@ebap/adapters/process';
import { isAppError } from '@ebap/pipeline/errors';
import { readSettings } from './env.ts';
import { simulate } from './simulator.ts';

async function main(args: readonly string[]): Promise<void> {
  const settings = readSettings(process.env);
  const logger = openLogger('simulator', settings.logLevel);
  if (settings.eventsPerSecond === 0) {
    logger.log('info', 'The simulator is off.');
    return;
  }
  const stop = new AbortController();
  const flags = args.flatMap((arg, i) => (args[i - 1] === '--scenario' ? [arg] : []));
  const running = simulate({ ...settings, scenarios: [...settings.scenarios, ...flags] }, stop.signal, logger);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  exitWithParent(process.env, { stop: end });
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => stop.abort());
  await running;
}

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  console.error(isAppError(error, 'configuration') ? error.message : error);
  process.exit(1);
}
