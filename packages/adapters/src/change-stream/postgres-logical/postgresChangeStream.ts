import { AppError } from '@ebap/pipeline/errors';
import type { ChangeStream, ChangeStreamStatus, DeliveredChanges, EventLog } from '@ebap/pipeline/ports';
import type pg from 'pg';
import { poolFrom, toAppError } from '../../postgres/index.ts';
import { Backoff } from './backoff.ts';
import { type ChangeTable, changeTable, type ProductTable } from './changeTable.ts';
import { ChangeDecoder, SnapshotNeeded } from './decoder.ts';
import { type Delivered, Delivery } from './delivery.ts';
import { EnvelopeWriter } from './envelope.ts';
import { type Lsn, NO_LSN } from './lsn.ts';
import { ensurePublication } from './publication.ts';
import { dropSlot, retainedWalBytes, slotState } from './slot.ts';
import { deliverSnapshot } from './snapshot.ts';
import { WalStream } from './walStream.ts';

export interface PostgresChangeStreamOptions {
  /** Of a role that may replicate and that owns the tables. */
  readonly url: string;
  readonly log: EventLog;
  /** An existing, compacted topic of `partitions` partitions that nobody else writes. */
  readonly topic: string;
  readonly partitions: number;
  /** Names for this stream alone: lower case letters, digits and `_`, at most 54 characters. */
  readonly slot: string;
  readonly publication: string;
  readonly tables: readonly (ProductTable | ChangeTable)[];
  /** `source.name` of the envelope. Default `ebap`. */
  readonly connectorName?: string;
  /** Clock for `ts_ms`. Default the system's. */
  readonly nowMs?: () => number;
}

const WATCH_EVERY_MS = 2_000;
const SLOT_NAME = /^[a-z0-9_]{1,54}$/;

/** A change stream of this process, which counts what it delivers. */
export interface PostgresChangeStream extends ChangeStream {
  status(): ChangeStreamStatus & { readonly delivered: DeliveredChanges };
}

/** Follows tables by logical replication. Nothing is opened before `start`. */
export function openPostgresChangeStream(options: PostgresChangeStreamOptions): PostgresChangeStream {
  return new LogicalReplication(options);
}

interface Run {
  readonly pool: pg.Pool;
  readonly stop: AbortController;
  readonly envelopes: EnvelopeWriter;
}

class LogicalReplication implements PostgresChangeStream {
  readonly #options: PostgresChangeStreamOptions;
  readonly #tables: readonly ChangeTable[];
  readonly #delivered = { r: 0, c: 0, u: 0, d: 0 };
  #state: ChangeStreamStatus['state'] = 'stopped';
  #retainedWalBytes: number | null = null;
  #lastCommitMs: number | null = null;
  #lastError: string | null = null;
  /** Everything before is in the log: what a new connection need not send again. */
  #confirmed: Lsn = NO_LSN;
  #running: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;

  constructor(options: PostgresChangeStreamOptions) {
    if (!SLOT_NAME.test(options.slot))
      throw new AppError('configuration', `"${options.slot}" can't name a replication slot`);
    this.#options = options;
    this.#tables = options.tables.map(changeTable);
  }

  /**
   * Begins, and resolves once the stream runs or waits for a database that is down; it reconnects by itself.
   * @throws AppError `configuration` (tables, rights, replica identity), `topic_mismatch`, `not_found` (the topic).
   */
  async start(): Promise<void> {
    if (this.#running !== null) return;
    const { url, log, topic, partitions } = this.#options;
    const found = await log.partitionCount(topic);
    if (found !== partitions)
      throw new AppError('topic_mismatch', `${topic} has ${found} partitions, not ${partitions}`);
    const { pool, close } = poolFrom({ url });
    const stop = new AbortController();
    const source = { connectorName: this.#options.connectorName ?? 'ebap', database: databaseOf(url) };
    const run = { pool, stop, envelopes: new EnvelopeWriter(source, partitions, this.#options.nowMs ?? Date.now) };
    const begun = Promise.withResolvers<void>();
    this.#state = 'starting';
    this.#lastError = null;
    const watch = setInterval(() => void this.#watch(pool), WATCH_EVERY_MS);
    const done = this.#follow(run, begun).finally(async () => {
      clearInterval(watch);
      await close();
      this.#running = null;
    });
    this.#running = { stop, done };
    await begun.promise;
  }

  /** Appends what was received, confirms it, and disconnects. The slot stays. */
  async stop(): Promise<void> {
    this.#running?.stop.abort();
    await this.#running?.done;
    this.#state = 'stopped';
  }

  status(): ChangeStreamStatus & { readonly delivered: DeliveredChanges } {
    return {
      state: this.#state,
      slot: this.#options.slot,
      retainedWalBytes: this.#retainedWalBytes,
      lastCommitMs: this.#lastCommitMs,
      delivered: { ...this.#delivered },
      lastError: this.#lastError,
    };
  }

  /** Tries until it is stopped. `begun` hears of the first success, or of a fault that waiting does not mend. */
  async #follow(run: Run, begun: PromiseWithResolvers<void>): Promise<void> {
    const backoff = new Backoff(run.stop.signal);
    let hasBegun = false;
    while (!run.stop.signal.aborted) {
      try {
        await this.#prepare(run, begun);
        hasBegun = true;
        await this.#stream(run, () => backoff.reset());
      } catch (error) {
        if (run.stop.signal.aborted) break;
        const fault = toAppError(error, 'following changes');
        this.#lastError = fault.message;
        this.#state = fault.retryable ? 'starting' : 'failed';
        // Only the first try's answer counts: later, somebody may mend it while the stream waits.
        if (!hasBegun && fault.code === 'configuration') return begun.reject(fault);
        hasBegun = true;
        begun.resolve();
        if (fault instanceof SnapshotNeeded) await this.#discardSlot(run.pool);
        await backoff.wait();
      }
    }
    begun.resolve();
  }

  /** Leaves a usable slot behind, after a snapshot if there was none. */
  async #prepare(run: Run, begun: PromiseWithResolvers<void>): Promise<void> {
    const { slot, publication, url, log, topic } = this.#options;
    const tables = this.#tables;
    const isNew = await ensurePublication(run.pool, publication, tables);
    const found = await slotState(run.pool, slot);
    if (found === 'lost') {
      this.#state = 'failed';
      this.#lastError = `The database dropped write-ahead log that the slot ${slot} had not read: taking a new snapshot.`;
    }
    if (found === 'lost' || (found === 'usable' && isNew)) await dropSlot(run.pool, slot);
    begun.resolve();
    if (found === 'usable' && !isNew) return;
    if (found !== 'lost') this.#state = 'snapshot';
    this.#confirmed = await deliverSnapshot({
      ...{ url, log, topic, slot, tables, pool: run.pool, envelopes: run.envelopes, stopped: run.stop.signal },
      delivered: (changes) => {
        this.#state = 'snapshot';
        this.#count(changes);
      },
    });
  }

  /** Streams until the connection breaks or the stream is stopped. */
  async #stream(run: Run, onStreaming: () => void): Promise<void> {
    const { log, topic, url, slot, publication } = this.#options;
    const { signal } = run.stop;
    const broken = Promise.withResolvers<never>();
    broken.promise.catch(() => {});
    let wal: WalStream | null = null;
    const delivery = new Delivery(
      { log, topic, from: this.#confirmed, stopped: signal },
      {
        delivered: (changes) => this.#count(changes),
        pressure: (isHigh) => (isHigh ? wal?.pause() : wal?.resume()),
        fault: (error) => this.#onAppendFault(error, broken.reject),
      },
    );
    const decoder = new ChangeDecoder(this.#tables, publication, run.envelopes, delivery);
    const from = { name: slot, publication, from: this.#confirmed };
    wal = await WalStream.open(url, from, decoder, () => delivery.confirmed);
    this.#state = 'streaming';
    try {
      const settled = setTimeout(onStreaming, WATCH_EVERY_MS);
      await Promise.race([wal.ended, broken.promise, aborted(signal)]).finally(() => clearTimeout(settled));
    } finally {
      // Order holds only if nothing of this connection is appended after the next one began.
      await delivery.finish();
      this.#confirmed = delivery.confirmed;
      await wal.close();
    }
  }

  /** A log that is away is tried again by the delivery; any other fault ends the connection, and is tried from there. */
  #onAppendFault(error: unknown, broken: (reason: unknown) => void): void {
    const fault = toAppError(error, 'appending changes');
    this.#lastError = fault.message;
    if (!fault.retryable) broken(fault);
  }

  async #discardSlot(pool: pg.Pool): Promise<void> {
    await dropSlot(pool, this.#options.slot).catch((error: unknown) => {
      this.#lastError = toAppError(error, 'dropping a replication slot').message;
    });
  }

  #count(changes: readonly Delivered[]): void {
    for (const { op, commitMs } of changes) {
      this.#delivered[op]++;
      this.#lastCommitMs = Math.max(this.#lastCommitMs ?? 0, commitMs);
    }
  }

  async #watch(pool: pg.Pool): Promise<void> {
    this.#retainedWalBytes = await retainedWalBytes(pool, this.#options.slot).catch(() => this.#retainedWalBytes);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}
