import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { RandomStream } from '../model/index.ts';
import { judge } from './answer.ts';
import { retryDelayMs } from './backoff.ts';
import { Counts, type SendCounts } from './counts.ts';
import { HttpClient } from './httpClient.ts';

export interface SenderOptions {
  readonly url: string;
  readonly apiKey: string;
  /** Decides the jitter of retries. */
  readonly stream: RandomStream;
  /** Most records that wait or are under way; beyond it {@link Sender.hasRoom} is false. */
  readonly maxPendingRecords: number;
  readonly maxBatchRecords?: number;
  readonly maxBatchBytes?: number;
  readonly flushMs?: number;
  readonly concurrency?: number;
  /** Bodies from this size on are compressed. */
  readonly gzipFromBytes?: number;
  readonly timeoutMs?: number;
}

const DEFAULTS = {
  maxBatchRecords: 1_000,
  maxBatchBytes: 512 * 1024,
  flushMs: 150,
  concurrency: 4,
  gzipFromBytes: 16 * 1024,
  timeoutMs: 15_000,
};

const compress = promisify(gzip);

interface Batch {
  readonly lines: readonly string[];
  readonly bytes: number;
}

/**
 * Sends records of one workspace to `POST /v1/events` as NDJSON batches, each until it is acknowledged. Nothing is
 * dropped: who offers records asks {@link hasRoom} first and waits when there is none.
 */
export class Sender {
  readonly #options: typeof DEFAULTS & SenderOptions;
  readonly #client: HttpClient;
  readonly #counts = new Counts();
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #queue: Batch[] = [];
  readonly #sending = new Set<Promise<void>>();
  #lines: string[] = [];
  #lineBytes = 0;
  #pending = 0;

  constructor(options: SenderOptions) {
    this.#options = { ...DEFAULTS, ...options };
    const { url, concurrency, timeoutMs, flushMs } = this.#options;
    this.#client = new HttpClient({ url, connections: concurrency, timeoutMs });
    this.#timer = setInterval(() => this.#flush(), flushMs);
  }

  get hasRoom(): boolean {
    return this.#pending < this.#options.maxPendingRecords;
  }

  /** Records not acknowledged yet. */
  get pending(): number {
    return this.#pending;
  }

  get counts(): SendCounts {
    return this.#counts.read();
  }

  /** Takes a record: one line of JSON. */
  offer(line: string): void {
    this.#counts.offer();
    this.#pending++;
    this.#lines.push(line);
    this.#lineBytes += line.length + 1;
    const { maxBatchRecords, maxBatchBytes } = this.#options;
    if (this.#lines.length >= maxBatchRecords || this.#lineBytes >= maxBatchBytes) this.#flush();
  }

  /** Sends what is left and waits for it, at most `graceMs`. Returns the records that stay unacknowledged. */
  async close(graceMs: number): Promise<number> {
    clearInterval(this.#timer);
    this.#flush();
    const deadline = AbortSignal.timeout(graceMs);
    while (this.#pending > 0 && !deadline.aborted) await sleep(10);
    this.#stop.abort();
    this.#client.close();
    await Promise.all(this.#sending);
    return this.#pending;
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    this.#queue.push({ lines: this.#lines, bytes: this.#lineBytes });
    this.#lines = [];
    this.#lineBytes = 0;
    this.#pump();
  }

  #pump(): void {
    while (this.#sending.size < this.#options.concurrency && !this.#stop.signal.aborted) {
      const batch = this.#queue.shift();
      if (batch === undefined) return;
      const sending = this.#deliver(batch).finally(() => {
        this.#sending.delete(sending);
        this.#pump();
      });
      this.#sending.add(sending);
    }
  }

  async #deliver(batch: Batch): Promise<void> {
    const { headers, body } = await this.#encode(batch);
    for (let failures = 1; !this.#stop.signal.aborted; failures++) {
      const answer = await this.#client.post('/v1/events', headers, body);
      const verdict = judge(answer, batch.lines.length, Date.now());
      this.#counts.answer(verdict);
      if (verdict.kind === 'acknowledged') {
        this.#pending -= batch.lines.length;
        return;
      }
      if (verdict.kind === 'split') return this.#split(batch);
      const waitMs = retryDelayMs(failures, verdict.retryAfterMs, this.#options.stream);
      await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  /** Halves go to the front of the queue, the first one first; a single record is given up and counted. */
  #split(batch: Batch): void {
    if (batch.lines.length === 1) {
      this.#counts.refuse();
      this.#pending -= 1;
      return;
    }
    const middle = batch.lines.length >> 1;
    const halves = [batch.lines.slice(0, middle), batch.lines.slice(middle)];
    this.#queue.unshift(...halves.map((lines) => ({ lines, bytes: batch.bytes / 2 })));
  }

  async #encode(batch: Batch): Promise<{ headers: Record<string, string>; body: Uint8Array | string }> {
    const body = `${batch.lines.join('\n')}\n`;
    const headers = { authorization: `Bearer ${this.#options.apiKey}`, 'content-type': 'application/x-ndjson' };
    if (batch.bytes < this.#options.gzipFromBytes) return { headers, body };
    return { headers: { ...headers, 'content-encoding': 'gzip' }, body: await compress(body, { level: 1 }) };
  }
}
