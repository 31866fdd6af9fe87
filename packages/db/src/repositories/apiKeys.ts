import type pg from 'pg';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import { guarded } from '../faults.ts';
import { hashApiKey, newApiKeyText } from './apiKeyText.ts';
import { ExpiringCache } from './expiringCache.ts';

/** What a valid write key allows: writing into its workspace, nothing else. */
export interface VerifiedKey {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly scope: 'write';
}

export interface ApiKeyInfo {
  readonly id: string;
  readonly name: string;
  /** The part that may be shown. */
  readonly prefix: string;
  readonly scope: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface ApiKeys {
  /** @returns the key's text, which can't be had again. @throws AppError `not_found` for an unknown workspace. */
  create(
    workspaceId: string,
    name: string,
  ): Promise<{ readonly id: string; readonly prefix: string; readonly text: string }>;
  /** Null for an unknown or revoked key. Answers are kept for up to 10 s; a use is noted for `lastUsedAt`. */
  verify(text: string): Promise<VerifiedKey | null>;
  /** A workspace's keys, newest first. */
  list(workspaceId: string): Promise<readonly ApiKeyInfo[]>;
  /** Acts at once in this process, within 10 s in others. False when there is no such live key. */
  revoke(workspaceId: string, id: string): Promise<boolean>;
  /** Writes the noted uses; happens by itself every 10 s of use and on closing. */
  flushUses(): Promise<void>;
}

const CACHE_TTL_MS = 10_000;
const MAX_CACHED_KEYS = 10_000;
const MAX_TEXT_LENGTH = 256;
const FLUSH_INTERVAL_MS = 10_000;

const VERIFY = 'SELECT id, workspace_id FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL';
// Rows in the order of their ids, so that two processes can't deadlock.
const TOUCH = `
  UPDATE api_keys SET last_used_at = now()
  WHERE id IN (SELECT id FROM api_keys WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE)`;
const INFO = {
  id: true,
  name: true,
  prefix: true,
  scope: true,
  createdAt: true,
  lastUsedAt: true,
  revokedAt: true,
} as const;

/** `nowMs` paces caching alone: any steady clock will do. */
export function apiKeysRepository(
  prisma: PrismaClient,
  pool: pg.Pool,
  nowMs: () => number = () => performance.now(),
): ApiKeys {
  const answers = new ExpiringCache<VerifiedKey | null>(CACHE_TTL_MS, MAX_CACHED_KEYS, nowMs);
  const uses = new UseLog(pool, nowMs);
  return {
    create: (workspaceId, name) => createKey(prisma, workspaceId, name),
    async verify(text) {
      if (text === '' || text.length > MAX_TEXT_LENGTH) return null;
      const hash = hashApiKey(text);
      const key = await answers.get(hash.toString('base64'), () => findKey(pool, hash));
      if (key !== null) uses.note(key.keyId);
      return key;
    },
    list: (workspaceId) =>
      guarded('listing API keys', () =>
        prisma.apiKey.findMany({ select: INFO, where: { workspaceId }, orderBy: { createdAt: 'desc' } }),
      ),
    async revoke(workspaceId, id) {
      const { count } = await guarded('revoking an API key', () =>
        prisma.apiKey.updateMany({ where: { id, workspaceId, revokedAt: null }, data: { revokedAt: new Date() } }),
      );
      answers.clear();
      return count > 0;
    },
    flushUses: () => uses.flush(),
  };
}

async function createKey(prisma: PrismaClient, workspaceId: string, name: string) {
  const { text, prefix, hash } = newApiKeyText();
  const { id } = await guarded('creating an API key', () =>
    prisma.apiKey.create({
      select: { id: true },
      data: { workspaceId, name, prefix, keyHash: new Uint8Array(hash) },
    }),
  );
  return { id, prefix, text };
}

async function findKey(pool: pg.Pool, hash: Buffer): Promise<VerifiedKey | null> {
  const { rows } = await guarded('verifying an API key', () =>
    pool.query<{ id: string; workspace_id: string }>({ name: 'verify-api-key', text: VERIFY, values: [hash] }),
  );
  const [row] = rows;
  return row === undefined ? null : { keyId: row.id, workspaceId: row.workspace_id, scope: 'write' };
}

/** Notes which keys were used and writes that in batches: never a write per request. */
class UseLog {
  readonly #pool: pg.Pool;
  readonly #nowMs: () => number;
  readonly #used = new Set<string>();
  #flushedAtMs = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> = Promise.resolve();

  constructor(pool: pg.Pool, nowMs: () => number) {
    this.#pool = pool;
    this.#nowMs = nowMs;
  }

  note(keyId: string): void {
    this.#used.add(keyId);
    const nowMs = this.#nowMs();
    if (nowMs - this.#flushedAtMs < FLUSH_INTERVAL_MS) return;
    this.#flushedAtMs = nowMs;
    // A time of last use that could not be written is not worth failing a request.
    this.flush().catch(() => {});
  }

  /** Resolves when everything noted so far is written, also by a flush that is under way. */
  flush(): Promise<void> {
    const written = this.#writing.then(() => this.#write());
    this.#writing = written.catch(() => {});
    return written;
  }

  async #write(): Promise<void> {
    if (this.#used.size === 0) return;
    const ids = [...this.#used];
    this.#used.clear();
    await guarded('noting the use of API keys', () => this.#pool.query(TOUCH, [ids]));
  }
}
