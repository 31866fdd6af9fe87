import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomStream } from '../model/index.ts';
import { retryDelayMs } from './backoff.ts';
import { HttpClient } from './httpClient.ts';

/** Asks `/readyz` until it says 200, ever more rarely. Returns false if `signal` came first. */
export async function untilReady(url: string, stream: RandomStream, signal: AbortSignal): Promise<boolean> {
  const client = new HttpClient({ url, connections: 1, timeoutMs: 5_000 });
  try {
    for (let failures = 1; !signal.aborted; failures++) {
      const answer = await client.get('/readyz');
      if (answer.status === 200) return true;
      const waitMs = Math.min(2_000, retryDelayMs(failures + 1, 0, stream));
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
    return false;
  } finally {
    client.close();
  }
}
