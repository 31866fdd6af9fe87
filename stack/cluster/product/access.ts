import { loadSettings, type Settings } from '@ebap/adapters/settings';
import { welcome } from '../../start/banner.ts';
import { checkPortFree } from '../../start/checks.ts';
import { ensureSecrets } from '../../start/secrets.ts';
import type { Paint } from '../../terminal/index.ts';
import { clusterPaths } from '../cli/paths.ts';
import { identityPort, type ProductOptions } from './services.ts';

/** Before the engines start, which takes a while. @throws AppError `configuration`: a setting is wrong, a port is taken */
export async function checkProduct(options: ProductOptions): Promise<void> {
  const { host, port, internalPort, workerInternalPort } = settingsOf(options);
  const checkFree = (on: string, wanted: number, variable: string): Promise<void> =>
    checkPortFree(on, wanted, variable, 'npm run cluster');
  await checkFree(host, port, 'EBAP_PORT');
  await checkFree('127.0.0.1', internalPort, 'EBAP_INTERNAL_PORT');
  await checkFree('127.0.0.1', workerInternalPort, 'EBAP_WORKER_INTERNAL_PORT');
  await checkFree('127.0.0.1', identityPort(port), 'EBAP_PORT');
}

/** Address, demo logins and a command that sends an event: as after `npm start`. */
export function productWelcome(options: ProductOptions, paint: Paint): string {
  const { publicUrl } = settingsOf(options);
  const notes = [
    `Stop: Ctrl-C, or npm run cluster -- stop   Data: ${options.dataDir}`,
    paint('dim', 'What runs: npm run cluster -- status   Begin anew: npm run cluster -- wipe'),
  ];
  return welcome(publicUrl, { logins: true, apiKey: demoKey(options) }, notes, paint);
}

/** What a person has set, with the defaults of a demo on this machine. */
function settingsOf({ root, env }: ProductOptions): Settings {
  return loadSettings({ ...env, EBAP_PROFILE: 'embedded' }, root);
}

function demoKey({ root, dataDir, env }: ProductOptions): string | undefined {
  const files = ensureSecrets(clusterPaths(dataDir).secrets, ['demoApiKey'], env);
  return loadSettings({ ...env, ...files, EBAP_PROFILE: 'embedded' }, root).secrets.demoApiKey;
}
