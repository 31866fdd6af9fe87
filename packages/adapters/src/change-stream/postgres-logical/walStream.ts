import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@ebap/pipeline/errors';
import pg from 'pg';
import { connectRaw } from './connection.ts';
import { formatLsn, type Lsn } from './lsn.ts';

/** Takes what the server sends, in its order. */
export interface WalListener {
  /** One pgoutput message. */
  data(payload: Buffer): void;
  /** Everything that was committed before `lsn` has been sent. */
  keepalive(lsn: Lsn): void;
}

const XLOG_DATA = 0x77;
const XLOG_DATA_HEADER_BYTES = 25;
const KEEPALIVE = 0x6b;
const STATUS_BYTES = 34;
/** PostgreSQL counts microseconds from 2000-01-01. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
/** How often the confirmed position is told when it moved, and when it did not. */
const CONFIRM_EVERY_MS = 100;
const REPORT_EVERY_MS = 5_000;
/** A server that says nothing for this long, though asked, is gone. */
const SILENCE_MS = 30_000;
/** How long the server may take to end the copy. */
const GOODBYE_MS = 1_000;

/**
 * A running START_REPLICATION: PostgreSQL manual, "Streaming Replication Protocol". It is a query that never ends by
 * itself; the driver hands it the copy stream.
 */
export class WalStream implements pg.Submittable {
  readonly #client: pg.Client;
  readonly #sql: string;
  readonly #listener: WalListener;
  readonly #confirmed: () => Lsn;
  readonly #timer: NodeJS.Timeout;
  readonly #started = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #connection: pg.Connection | null = null;
  #reported: Lsn = -1n;
  #reportedAtMs = 0;
  #isDeaf = false;
  #heardAtMs = Date.now();

  private constructor(client: pg.Client, sql: string, listener: WalListener, confirmed: () => Lsn) {
    this.#client = client;
    this.#sql = sql;
    this.#listener = listener;
    this.#confirmed = confirmed;
    this.#timer = setInterval(() => this.#tick(), CONFIRM_EVERY_MS);
    client.on('end', () =>
      this.#fail(new AppError('unavailable', 'the server closed the stream', { retryable: true })),
    );
    this.#closed.promise.catch(() => {});
  }

  /** Resolves when the server begins to stream the slot's changes from `from` on, or from what was confirmed if that is later. */
  static async open(
    url: string,
    slot: { readonly name: string; readonly publication: string; readonly from: Lsn },
    listener: WalListener,
    confirmed: () => Lsn,
  ): Promise<WalStream> {
    const client = await connectRaw(url, 'replication');
    const publication = `"${slot.publication.replaceAll('"', '""')}"`.replaceAll("'", "''");
    const sql =
      `START_REPLICATION SLOT ${pg.escapeIdentifier(slot.name)} LOGICAL ${formatLsn(slot.from)} ` +
      `(proto_version '1', publication_names '${publication}')`;
    const stream = client.query(new WalStream(client, sql, listener, confirmed));
    try {
      await Promise.race([stream.#started.promise, stream.ended]);
    } catch (error) {
      await stream.close();
      throw error;
    }
    return stream;
  }

  /** Rejects when the stream has broken; resolves after `close`. */
  get ended(): Promise<void> {
    return this.#closed.promise;
  }

  pause(): void {
    this.#connection?.stream.pause();
  }

  resume(): void {
    // While it was paused nothing could be heard.
    this.#heardAtMs = Date.now();
    this.#connection?.stream.resume();
  }

  /** Tells the server the confirmed position, ends the copy in order, and goes. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const wasOpen = this.#connection !== null && !this.#connection.stream.destroyed;
    this.#isDeaf = true;
    if (wasOpen && this.#connection !== null && hasCopy(this.#connection)) {
      this.#report(false);
      this.#connection.endCopyFrom();
      this.#connection.stream.resume();
      await Promise.race([this.#closed.promise.catch(() => {}), sleep(GOODBYE_MS, undefined, { ref: false })]);
    }
    this.#closed.resolve();
    await this.#client.end().catch(() => {});
  }

  submit(connection: pg.Connection): void {
    this.#connection = connection;
    connection.once('replicationStart', () => this.#started.resolve());
    connection.query(this.#sql);
  }

  /** Called by the driver for every chunk of the copy stream. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    this.#heardAtMs = Date.now();
    if (this.#isDeaf) return;
    try {
      if (chunk[0] === XLOG_DATA) this.#listener.data(chunk.subarray(XLOG_DATA_HEADER_BYTES));
      else if (chunk[0] === KEEPALIVE) {
        this.#listener.keepalive(chunk.readBigUInt64BE(1));
        if (chunk[17] === 1) this.#report(false);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  handleError(error: Error): void {
    this.#fail(error);
  }

  handleReadyForQuery(): void {
    this.#fail(new AppError('unavailable', 'the server ended the stream', { retryable: true }));
  }

  // The rest of what the driver may call on a query: the server ends the copy before it closes the connection.
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}

  #fail(error: unknown): void {
    // What has arrived already must not be taken: it comes after what could not be.
    this.#isDeaf = true;
    clearInterval(this.#timer);
    this.#closed.reject(error);
    this.#connection?.stream.destroy();
  }

  #tick(): void {
    const silentMs = Date.now() - this.#heardAtMs;
    if (silentMs > SILENCE_MS && this.#connection?.stream.isPaused() === false) {
      this.#fail(new AppError('unavailable', `the server was silent for ${silentMs} ms`, { retryable: true }));
      return;
    }
    const due = Date.now() - this.#reportedAtMs > REPORT_EVERY_MS;
    if (due || this.#confirmed() !== this.#reported) this.#report(due);
  }

  /** Standby status update: written, flushed and applied are one thing to us. */
  #report(replyWanted: boolean): void {
    const connection = this.#connection;
    if (connection === null || connection.stream.destroyed || !hasCopy(connection)) return;
    this.#reported = this.#confirmed();
    this.#reportedAtMs = Date.now();
    const status = Buffer.alloc(STATUS_BYTES);
    status[0] = 0x72;
    status.writeBigUInt64BE(this.#reported, 1);
    status.writeBigUInt64BE(this.#reported, 9);
    status.writeBigUInt64BE(this.#reported, 17);
    status.writeBigInt64BE(BigInt(Date.now() - POSTGRES_EPOCH_MS) * 1_000n, 25);
    status[33] = replyWanted ? 1 : 0;
    connection.sendCopyFromChunk(status);
  }
}

interface CopyWriter {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** The driver's connection can write to a copy stream; its types don't say so. */
function hasCopy(connection: pg.Connection): connection is pg.Connection & CopyWriter {
  return 'sendCopyFromChunk' in connection && 'endCopyFrom' in connection;
}
