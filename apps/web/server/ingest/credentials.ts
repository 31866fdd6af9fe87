import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { HttpProblem, retryAfter } from '../http/problem.ts';
import type { WriteKey, WriteKeyDirectory } from './ports.ts';
import { TokenBuckets } from './tokenBucket.ts';

/** Wrong keys that one address may try before each further one is made to wait. */
const FAILURES = { perSecond: 5, burst: 100 };
const FAILURE_DELAY_MS = 1_000;

/**
 * Tells which workspace a write key belongs to, and slows down who tries many. Only failures are limited: behind a
 * proxy all producers have one address, and those with a valid key have done nothing.
 */
export class WriteKeyGate {
  readonly #directory: WriteKeyDirectory;
  readonly #failures: TokenBuckets;

  constructor(directory: WriteKeyDirectory, nowMs: () => number) {
    this.#directory = directory;
    this.#failures = new TokenBuckets(FAILURES, nowMs);
  }

  /**
   * @param address who asks
   * @throws HttpProblem 401 `invalid_key`, 429 `too_many_failures` (after a while); AppError `unavailable` while keys
   * can't be checked.
   */
  async authenticate(secret: string | null, address: string): Promise<WriteKey> {
    const key = secret === null ? null : await this.#directory.find(secret);
    if (key !== null) return key;
    const waitS = this.#failures.take(address, 1);
    if (waitS > 0) {
      await delay(FAILURE_DELAY_MS);
      throw new HttpProblem(429, 'too_many_failures', 'Too many wrong keys from this address.', {}, retryAfter(waitS));
    }
    throw new HttpProblem(
      401,
      'invalid_key',
      'Send an active write key: Authorization: Bearer <key> or X-Api-Key: <key>.',
      {},
      { 'www-authenticate': 'Bearer realm="ebap", Basic realm="ebap"' },
    );
  }
}

/** The write key of the headers: Bearer, X-Api-Key, or Basic's user name (as Segment's libraries send it). */
export function headerSecret(req: IncomingMessage): string | null {
  const apiKey = req.headers['x-api-key'];
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey;
  const [scheme, credentials] = (req.headers.authorization ?? '').split(' ', 2);
  if (credentials === undefined || credentials === '') return null;
  switch (scheme?.toLowerCase()) {
    case 'bearer':
      return credentials;
    case 'basic': {
      const user = Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)[0] ?? '';
      return user === '' ? null : user;
    }
    default:
      return null;
  }
}
