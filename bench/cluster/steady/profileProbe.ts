import { PARTITIONS, TOPICS } from '@ebap/pipeline/contracts';
import { isAppError } from '@ebap/pipeline/errors';
import { type EventLog, recordAt } from '@ebap/pipeline/ports';
import pg from 'pg';
import { until } from '../../../trials/processes/tree.ts';
import { quantiles, type SampleQuantiles } from '../../quantiles.ts';
import { pause } from '../stage.ts';

export interface ProfileProbeReport {
  /** Commits that the customer's database confirmed. */
  readonly commits: number;
  /** Of those, changes that were not on the topic in the end. */
  readonly missing: number;
  /** The log's append time (whole ms) less the commit's time in the database's own log (µs). */
  readonly commitToAppendMs: SampleQuantiles;
  /** When this process's reader had the record, less the commit's time. */
  readonly commitToReadMs: SampleQuantiles;
}

interface Arrival {
  readonly commitMs: number;
  readonly appendMs: number;
  readonly readMs: number;
}

/** What is used of a Debezium envelope. */
interface Envelope {
  readonly source?: { readonly txId?: number; readonly ts_us?: number; readonly ts_ms?: number };
}

const TIERS = ['free', 'silver', 'gold', 'platinum'] as const;
const CHANGE = `INSERT INTO users (workspace_id, user_id, tier) VALUES ('meridian', $1, $2)
  ON CONFLICT (workspace_id, user_id) DO UPDATE SET tier = excluded.tier, updated_at = now()
  RETURNING pg_current_xact_id()::text AS transaction`;
const ARRIVED_WITHIN_MS = 30_000;
const nowMs = (): number => performance.timeOrigin + performance.now();

/**
 * Changes people in the customer's database as its application does, one commit each, and follows the topic that the
 * changes come to. A record is told by its transaction, so none is taken for another.
 */
export class ProfileProbe {
  readonly #log: EventLog;
  readonly #url: string;
  readonly #users: number;
  readonly #arrivals = new Map<string, Arrival>();
  readonly #commits: string[] = [];
  readonly #stop = new AbortController();
  #readers: Promise<unknown> = Promise.resolve();

  /** @param url of the customer's database */
  constructor(log: EventLog, url: string, users: number) {
    this.#log = log;
    this.#url = url;
    this.#users = users;
  }

  /** Resolves when the reader knows where the topic ends now. */
  async follow(): Promise<void> {
    const partitions = Array.from({ length: PARTITIONS.cluster.keyed }, (_, partition) => partition);
    const ends = await Promise.all(partitions.map((partition) => this.#log.offsets(TOPICS.cdcUsers, partition)));
    this.#readers = Promise.allSettled(partitions.map((partition) => this.#read(partition, ends[partition]?.end ?? 0)));
  }

  /** Makes so many commits, spread evenly over the time, or fewer when the database is slower. */
  async change(commits: number, seconds: number): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url });
    await client.connect();
    const startMs = performance.now();
    try {
      for (let n = 0; n < commits && !this.#stop.signal.aborted; n++) {
        await pause(Math.max(0, startMs + (n * seconds * 1_000) / commits - performance.now()));
        const user = `user-${Math.floor(Math.random() * this.#users)}`;
        const { rows } = await client.query<{ transaction: string }>(CHANGE, [user, TIERS[n % TIERS.length]]);
        this.#commits.push(rows[0]?.transaction ?? '');
      }
    } finally {
      await client.end();
    }
  }

  /** Waits for the last changes and reads no more. */
  async report(): Promise<ProfileProbeReport> {
    const missing = (): number => this.#commits.filter((transaction) => !this.#arrivals.has(transaction)).length;
    await until(() => missing() === 0, ARRIVED_WITHIN_MS).catch(() => {});
    await this.end();
    const arrivals = this.#commits.flatMap((transaction) => this.#arrivals.get(transaction) ?? []);
    return {
      commits: this.#commits.length,
      missing: missing(),
      commitToAppendMs: quantiles(arrivals.map((one) => one.appendMs - one.commitMs)),
      commitToReadMs: quantiles(arrivals.map((one) => one.readMs - one.commitMs)),
    };
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#readers;
  }

  async #read(partition: number, from: number): Promise<void> {
    const { signal } = this.#stop;
    for (let next = from; !signal.aborted; ) {
      try {
        const batch = await this.#log.fetch(TOPICS.cdcUsers, partition, next, { maxWaitMs: 5_000, signal });
        const readMs = nowMs();
        for (let i = 0; i < batch.count; i++) {
          const { value, appendTimeMs } = recordAt(batch, i);
          this.#note(value, appendTimeMs, readMs);
        }
        next = batch.nextOffset;
      } catch (error) {
        if (!isAppError(error) || !error.retryable) return;
      }
    }
  }

  #note(value: Uint8Array | null, appendMs: number, readMs: number): void {
    if (value === null || value.length === 0) return; // a tick, a tombstone
    const { source } = JSON.parse(Buffer.from(value).toString()) as Envelope;
    if (source?.txId === undefined) return;
    const commitMs = source.ts_us === undefined ? (source.ts_ms ?? Number.NaN) : source.ts_us / 1_000;
    this.#arrivals.set(String(source.txId), { commitMs, appendMs, readMs });
  }
}
