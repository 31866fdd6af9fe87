import type { IncomingMessage } from 'node:http';
import { HttpProblem, RETRY_AFTER_S, retryAfter } from '../http/problem.ts';
import type { WriteKey, WriteKeyDirectory } from './ports.ts';

interface Cached {
  readonly key: WriteKey | null;
  readonly loadedAtMs: number;
}

const FRESH_MS = 5_000;
/** How long an answer may stand in for a store that is away. Together with FRESH_MS it bounds a revocation's delay. */
const STALE_MS = 10_000;
const CAPACITY = 10_000;
const MAX_SECRET_LENGTH = 256;

/** Answers which workspace a write key belongs to; a revocation acts within 10 s. */
export class WriteKeyCache {
  readonly #directory: WriteKeyDirectory;
  readonly #nowMs: () => number;
  readonly #cached = new Map<string, Cached>();
  readonly #loading = new Map<string, Promise<WriteKey | null>>();

  constructor(directory: WriteKeyDirectory, nowMs: () => number) {
    this.#directory = directory;
    this.#nowMs = nowMs;
  }

  /** @throws HttpProblem 401 `invalid_key`, 503 `unavailable`. */
  async authenticate(secret: string | null): Promise<WriteKey> {
    const key = secret === null || secret.length > MAX_SECRET_LENGTH ? null : await this.#find(secret);
    if (key !== null) return key;
    throw new HttpProblem(
      401,
      'invalid_key',
      'Send an active write key: Authorization: Bearer <key> or X-Api-Key: <key>.',
      {},
      {
        'www-authenticate': 'Bearer realm="ebap", Basic realm="ebap"',
      },
    );
  }

  async #find(secret: string): Promise<WriteKey | null> {
    const cached = this.#cached.get(secret);
    const ageMs = cached === undefined ? Number.POSITIVE_INFINITY : this.#nowMs() - cached.loadedAtMs;
    if (cached !== undefined && ageMs < FRESH_MS) return cached.key;
    try {
      return await this.#load(secret);
    } catch {
      if (cached !== undefined && ageMs < STALE_MS) return cached.key;
      throw new HttpProblem(
        503,
        'unavailable',
        'Keys can not be checked now. Send the whole batch again.',
        {},
        retryAfter(RETRY_AFTER_S),
      );
    }
  }

  /** Asks once however many requests wait for the same key. */
  #load(secret: string): Promise<WriteKey | null> {
    const running = this.#loading.get(secret);
    if (running !== undefined) return running;
    const loadedAtMs = this.#nowMs();
    const loading = this.#directory
      .find(secret)
      .then((key) => {
        this.#cached.delete(secret);
        this.#cached.set(secret, { key, loadedAtMs });
        const oldest = this.#cached.keys().next();
        if (this.#cached.size > CAPACITY && !oldest.done) this.#cached.delete(oldest.value);
        return key;
      })
      .finally(() => this.#loading.delete(secret));
    this.#loading.set(secret, loading);
    return loading;
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
