import type { PlatformAddress } from './platform.ts';

/** Set by a person: the journeys run against a platform that is up already. Set by the global setup: its own. */
const URL_VARIABLE = 'EBAP_E2E_URL';
const DATA_DIR_VARIABLE = 'EBAP_E2E_DATA_DIR';

/** Tells the processes that run the tests where the platform is. */
export function handOver(platform: PlatformAddress): void {
  process.env[URL_VARIABLE] = platform.url;
  process.env[DATA_DIR_VARIABLE] = platform.dataDir;
}

/** The platform that was handed over, or null. */
export function handedOver(): PlatformAddress | null {
  const url = process.env[URL_VARIABLE];
  const dataDir = process.env[DATA_DIR_VARIABLE];
  return url && dataDir ? { url, dataDir } : null;
}
