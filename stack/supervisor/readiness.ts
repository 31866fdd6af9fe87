import { existsSync } from 'node:fs';

/** Answers whether a service is ready right now; never throws. */
export type ReadyProbe = () => Promise<boolean>;

const REQUEST_TIMEOUT_MS = 2_000;

/** Ready when `GET url` answers 200. */
export function httpProbe(url: string): ReadyProbe {
  return async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS), redirect: 'manual' });
      await response.body?.cancel();
      return response.status === 200;
    } catch {
      return false;
    }
  };
}

/** Ready when the file is there. Whoever starts the service removes the file first. */
export function fileProbe(path: string): ReadyProbe {
  return async () => existsSync(path);
}
