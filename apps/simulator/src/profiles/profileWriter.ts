import { setTimeout as sleep } from 'node:timers/promises';
import { poolFrom } from '@ebap/adapters/postgres';
import type pg from 'pg';
import type { Profile, ProfileChange } from '../model/index.ts';

export interface ProfileWriterOptions {
  readonly url: string;
  /** Called once per run of failures. */
  readonly onTrouble: (error: unknown) => void;
}

export interface ProfileCounts {
  readonly signedUp: number;
  readonly changed: number;
  readonly deleted: number;
}

const FLUSH_MS = 500;
const RESIDENT_ROWS = 500;
const RESIDENT_PAUSE_MS = 40;
const CLOSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

const COLUMNS = 'workspace_id, user_id, email, display_name, tier, country';
const ROWS = 'SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])';
const INSERT = `INSERT INTO users (${COLUMNS}) ${ROWS} ON CONFLICT (workspace_id, user_id) DO NOTHING`;
const UPSERT = `INSERT INTO users (${COLUMNS}) ${ROWS}
  ON CONFLICT (workspace_id, user_id) DO UPDATE
  SET tier = excluded.tier, country = excluded.country, updated_at = now()
  WHERE (users.tier, users.country) IS DISTINCT FROM (excluded.tier, excluded.country)`;
const DELETE = `DELETE FROM users USING unnest($1::text[], $2::text[]) AS gone(workspace_id, user_id)
  WHERE users.workspace_id = gone.workspace_id AND users.user_id = gone.user_id`;

/**
 * Keeps the customer's `users` table as the model's people have it. Changes are collected per person (the last one
 * counts) and written in small transactions; while the database is away they wait, one per person.
 */
export class ProfileWriter {
  readonly #database: { readonly pool: pg.Pool; close(): Promise<void> };
  readonly #onTrouble: (error: unknown) => void;
  readonly #stop = new AbortController();
  #waiting = new Map<string, ProfileChange>();
  #counts = { signedUp: 0, changed: 0, deleted: 0 };
  #loop: Promise<void> | null = null;

  constructor(options: ProfileWriterOptions) {
    this.#database = poolFrom({ url: options.url });
    this.#onTrouble = options.onTrouble;
  }

  get counts(): ProfileCounts {
    return this.#counts;
  }

  /** Begins to write: first the accounts that exist at the start and are not there yet, then every change. */
  start(residents: Iterable<Profile>): void {
    this.#loop ??= this.#run(residents);
  }

  put(change: ProfileChange): void {
    this.#waiting.set(`${change.profile.workspace}:${change.profile.userId}`, change);
  }

  /** Writes what waits, if the database is there, and disconnects; takes no longer than a second or so. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.race([this.#loop, sleep(CLOSE_MS)]);
    await this.#database.close();
  }

  async #run(residents: Iterable<Profile>): Promise<void> {
    const { signal } = this.#stop;
    for (const rows of chunks(residents, RESIDENT_ROWS)) {
      await this.#persist(() => this.#database.pool.query(INSERT, columns(rows)));
      if (signal.aborted) break;
      await this.#pause(RESIDENT_PAUSE_MS);
    }
    while (!signal.aborted) {
      await this.#pause(FLUSH_MS);
      await this.#flush();
    }
  }

  async #flush(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const changes = [...this.#waiting.values()];
    this.#waiting = new Map();
    const rows = changes.flatMap((c) => (c.kind === 'deleted' ? [] : [c.profile]));
    const gone = changes.flatMap((c) => (c.kind === 'deleted' ? [c.profile] : []));
    const written = await this.#persist(async () => {
      if (rows.length > 0) await this.#database.pool.query(UPSERT, columns(rows));
      if (gone.length > 0)
        await this.#database.pool.query(DELETE, [gone.map((p) => p.workspace), gone.map((p) => p.userId)]);
    });
    if (!written) return;
    const signedUp = changes.filter((c) => c.kind === 'signed_up').length;
    this.#counts = {
      signedUp: this.#counts.signedUp + signedUp,
      changed: this.#counts.changed + rows.length - signedUp,
      deleted: this.#counts.deleted + gone.length,
    };
  }

  /** Tries until it works or the writer is closed; all statements can be repeated. */
  async #persist(write: () => Promise<unknown>): Promise<boolean> {
    for (let pauseMs = 250; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      try {
        await write();
        return true;
      } catch (error) {
        if (pauseMs === 250) this.#onTrouble(error);
        if (this.#stop.signal.aborted) return false;
        await this.#pause(pauseMs);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

function columns(rows: readonly Profile[]): string[][] {
  return [
    rows.map((p) => p.workspace),
    rows.map((p) => p.userId),
    rows.map((p) => p.email),
    rows.map((p) => p.displayName),
    rows.map((p) => p.tier),
    rows.map((p) => p.country),
  ];
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
