import { isAppError } from '@ebap/pipeline/errors';
import { readSettings } from './env.ts';
import { watchParent } from './parentWatch.ts';
import { simulate } from './simulator.ts';

/** Shoppers for the demo: `EBAP_SIMULATOR` (off, or events per second). Scenarios: `--scenario name[@delay][:…]`. */
async function main(): Promise<number> {
  const settings = readSettings();
  const log = (message: string): void => console.log(message);
  const { eventsPerSecond } = settings;
  if (eventsPerSecond === null) {
    log('off');
    return 0;
  }
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  const unwatch = watchParent(() => stop.abort());
  const flags = process.argv.flatMap((arg, i, all) => (all[i - 1] === '--scenario' ? [arg] : []));
  await simulate({ ...settings, eventsPerSecond, scenarios: [...settings.scenarios, ...flags] }, stop.signal, log);
  unwatch();
  return 0;
}

try {
  process.exit(await main());
} catch (error) {
  console.error(isAppError(error) ? error.message : error);
  process.exit(1);
}
