import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@ebap/pipeline/errors';
import { RandomStream } from '../model/index.ts';
import { HttpClient, judge, retryDelayMs } from '../send/index.ts';
import type { AckLog } from './ackLog.ts';
import type { LoadOptions } from './options.ts';
import { type QuantileSummary, Quantiles } from './quantiles.ts';
import { type BatchTemplate, buildTemplates } from './templates.ts';

/** What a run did. */
export interface LoadResult {
  /** Distinct events that were acknowledged and not refused. */
  readonly accepted: number;
  readonly rejected: Readonly<Record<string, number>>;
  /** Events sent a second time on purpose. */
  readonly repeated: number;
  /** Events that were sent and never acknowledged: the platform has them or not. */
  readonly unacknowledged: number;
  readonly retries: Readonly<Record<string, number>>;
  /** Time by which the schedule was put off because the platform took no more, ms. */
  readonly stalledMs: number;
  readonly seconds: number;
  readonly acceptedPerSecond: number;
  /** From the first try to the acknowledgement. */
  readonly acknowledgeMs: QuantileSummary;
}

interface Sent {
  readonly body: Buffer;
  readonly sequence: number;
  readonly template: BatchTemplate;
  readonly sentMs: number;
}

/** Up to this lag the schedule is caught up; behind it, it is put off. */
const CATCH_UP_MS = 250;
const KEPT_FOR_REPEATS = 16;
/** How often to look whether the run is over while the platform or the disk takes nothing. */
const LOOK_MS = 20;

/** Sends batches on schedule until the time is over or `signal`, then waits for what is under way. */
export async function runLoad(options: LoadOptions, log: AckLog, signal: AbortSignal): Promise<LoadResult> {
  return new LoadRun(options, log).run(signal);
}

class LoadRun {
  readonly #options: LoadOptions;
  readonly #log: AckLog;
  readonly #client: HttpClient;
  readonly #templates: readonly [BatchTemplate, ...BatchTemplate[]];
  readonly #stream: RandomStream;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #intervalMs: number;
  readonly #sending = new Set<Promise<void>>();
  readonly #giveUp = new AbortController();
  readonly #acknowledged: Sent[] = [];
  readonly #latency = new Quantiles();
  readonly #rejected = new Map<string, number>();
  readonly #retries = new Map<string, number>();
  #fault: AppError | null = null;
  #accepted = 0;
  #repeated = 0;
  #unacknowledged = 0;
  #stalledMs = 0;

  constructor(options: LoadOptions, log: AckLog) {
    this.#options = options;
    this.#log = log;
    this.#client = new HttpClient({ url: options.url, connections: options.connections, timeoutMs: 15_000 });
    this.#templates = buildTemplates(options, Date.now());
    this.#stream = new RandomStream(options.seed, 'load-run');
    this.#headers = { authorization: `Bearer ${options.key}`, 'content-type': 'application/x-ndjson' };
    this.#intervalMs = (options.batchRecords / options.rate) * 1_000;
  }

  async run(signal: AbortSignal): Promise<LoadResult> {
    const startMs = performance.now();
    const endMs = startMs + this.#options.seconds * 1_000;
    let dueMs = startMs;
    for (let sequence = 0; !signal.aborted && this.#fault === null; sequence++) {
      dueMs = await this.#untilDue(dueMs, endMs, signal);
      if (dueMs >= endMs) break;
      this.#launch(sequence);
      dueMs += this.#intervalMs;
    }
    const seconds = (performance.now() - startMs) / 1_000;
    await this.#drain();
    if (this.#fault !== null) throw this.#fault;
    return this.#result(seconds);
  }

  /** Waits for the time and for room, not beyond the end. Returns the time at which the batch counts as due. */
  async #untilDue(dueMs: number, endMs: number, signal: AbortSignal): Promise<number> {
    const earlyMs = dueMs - performance.now();
    if (earlyMs > 1) await sleep(earlyMs, undefined, { signal }).catch(() => undefined);
    while (!signal.aborted && this.#fault === null && performance.now() < endMs) {
      if (this.#sending.size >= this.#options.connections) await Promise.race([...this.#sending, sleep(LOOK_MS)]);
      else if (!this.#log.hasRoom) await sleep(LOOK_MS);
      else break;
    }
    const lagMs = performance.now() - dueMs;
    if (lagMs <= CATCH_UP_MS) return dueMs;
    this.#stalledMs += lagMs;
    return dueMs + lagMs;
  }

  #launch(sequence: number): void {
    const again = this.#stream.chance(this.#options.duplicates) ? this.#acknowledged.shift() : undefined;
    const sending = (again === undefined ? this.#sendNew(sequence) : this.#repeat(again)).finally(() => {
      this.#sending.delete(sending);
    });
    this.#sending.add(sending);
  }

  async #sendNew(sequence: number): Promise<void> {
    const template = this.#templates[this.#stream.int(this.#templates.length)] ?? this.#templates[0];
    const sentMs = Date.now();
    const body = template.request.fill(sequence, (i) => this.#timeMs(template, sentMs, i));
    const sent = { body, sequence, template, sentMs };
    const rejected = await this.#untilAcknowledged(body);
    if (rejected === null) {
      this.#unacknowledged += this.#options.batchRecords;
      return;
    }
    this.#accepted += this.#options.batchRecords - rejected.size;
    const lines = template.log.fill(sequence, (i) => this.#timeMs(template, sentMs, i));
    this.#log.write(template.log.lines(lines, rejected));
    if (this.#options.duplicates === 0) return;
    this.#acknowledged.push(sent);
    if (this.#acknowledged.length > KEPT_FOR_REPEATS) this.#acknowledged.shift();
  }

  async #repeat(sent: Sent): Promise<void> {
    if ((await this.#untilAcknowledged(sent.body)) !== null) this.#repeated += this.#options.batchRecords;
  }

  /** Records spread over the interval that ends when the batch is sent. */
  #timeMs(template: BatchTemplate, sentMs: number, record: number): number {
    const behindMs = this.#intervalMs * (1 - record / this.#options.batchRecords);
    return Math.floor(sentMs - behindMs - (template.ageMs[record] ?? 0));
  }

  /** Numbers of the refused records, or null if it was given up. */
  async #untilAcknowledged(body: Buffer): Promise<ReadonlySet<number> | null> {
    const startMs = performance.now();
    for (let failures = 1; !this.#giveUp.signal.aborted; failures++) {
      const verdict = judge(
        await this.#client.post('/v1/events', this.#headers, body),
        this.#options.batchRecords,
        Date.now(),
      );
      if (verdict.kind === 'acknowledged') {
        this.#latency.add(performance.now() - startMs);
        for (const { code } of verdict.rejected) bump(this.#rejected, code);
        return new Set(verdict.rejected.map((r) => r.index));
      }
      bump(this.#retries, verdict.why);
      if (verdict.kind === 'split') {
        this.#fault ??= new AppError('bad_request', `The platform refuses whole batches (${verdict.why}).`);
        return null;
      }
      const waitMs = retryDelayMs(failures, verdict.retryAfterMs, this.#stream);
      await sleep(waitMs, undefined, { signal: this.#giveUp.signal }).catch(() => undefined);
    }
    return null;
  }

  async #drain(): Promise<void> {
    const timer = setTimeout(() => {
      this.#giveUp.abort();
      this.#client.close();
    }, this.#options.drainSeconds * 1_000);
    await Promise.all(this.#sending);
    clearTimeout(timer);
    this.#client.close();
  }

  #result(seconds: number): LoadResult {
    return {
      accepted: this.#accepted,
      rejected: Object.fromEntries(this.#rejected),
      repeated: this.#repeated,
      unacknowledged: this.#unacknowledged,
      retries: Object.fromEntries(this.#retries),
      stalledMs: Math.round(this.#stalledMs),
      seconds,
      acceptedPerSecond: this.#accepted / seconds,
      acknowledgeMs: this.#latency.summary(),
    };
  }
}

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
