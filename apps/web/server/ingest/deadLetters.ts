import { randomUUID } from 'node:crypto';
import { type DeadLetter, partitionFor, TOPICS } from '@ebap/pipeline/contracts';
import type { AppendRecord, EventLog } from '@ebap/pipeline/ports';
import type { DeadLetterSealer } from '@ebap/pipeline/runtime';
import { truncateBytes } from './fields/text.ts';
import type { Rejection } from './outcome.ts';
import { TokenBuckets } from './tokenBucket.ts';

export interface RejectedInput {
  readonly rejection: Rejection;
  /** The record as it came, JSON text or a line. */
  readonly raw: () => string;
}

export interface EdgeDeadLettersOptions {
  readonly log: EventLog;
  readonly partitions: number;
  readonly seal: DeadLetterSealer;
  readonly nowMs: () => number;
  /** Per workspace; what is over is only counted. */
  readonly perSecond?: number;
  readonly burst?: number;
}

const MAX_PAYLOAD_BYTES = 32_768;
const utf8 = new TextEncoder();

/** Keeps the records that the edge refuses from known producers, as many as the rate cap allows. */
export class EdgeDeadLetters {
  readonly #options: EdgeDeadLettersOptions;
  readonly #buckets: TokenBuckets;
  /** Refused records that the cap left out and no letter stands for yet, by workspace and reason. */
  readonly #omitted = new Map<string, number>();

  constructor(options: EdgeDeadLettersOptions) {
    this.#options = options;
    const { perSecond = 100, burst = 1_000, nowMs } = options;
    this.#buckets = new TokenBuckets({ perSecond, burst }, nowMs);
  }

  /**
   * Writes the letters and resolves when they are durable. Returns how many the cap left out: the last letter of
   * their reason, of these or of the next, stands for them.
   * @throws AppError `unavailable`.
   */
  async write(workspaceId: string, inputs: readonly RejectedInput[]): Promise<{ readonly capped: number }> {
    let kept = 0;
    while (kept < inputs.length && this.#buckets.take(workspaceId, 1) === 0) kept++;
    for (const { rejection } of inputs.slice(kept)) {
      const name = nameOf(workspaceId, rejection);
      this.#omitted.set(name, (this.#omitted.get(name) ?? 0) + 1);
    }
    if (kept > 0) await this.#append(workspaceId, inputs.slice(0, kept));
    return { capped: inputs.length - kept };
  }

  async #append(workspaceId: string, inputs: readonly RejectedInput[]): Promise<void> {
    const taken = new Map<string, number>();
    const records: AppendRecord[] = [];
    for (const input of inputs.toReversed()) {
      const name = nameOf(workspaceId, input.rejection);
      const omitted = this.#omitted.get(name) ?? 0;
      this.#omitted.delete(name);
      if (omitted > 0) taken.set(name, omitted);
      records.push(this.#record(workspaceId, input, omitted));
    }
    try {
      await this.#options.log.append(TOPICS.deadLetters, records.reverse());
    } catch (error) {
      for (const [name, omitted] of taken) this.#omitted.set(name, (this.#omitted.get(name) ?? 0) + omitted);
      throw error;
    }
  }

  #record(workspaceId: string, { rejection, raw }: RejectedInput, omitted: number): AppendRecord {
    const { nowMs, partitions, seal } = this.#options;
    const id = `edge/${randomUUID()}`;
    const letter: DeadLetter = {
      v: 1,
      workspace: workspaceId,
      reason: rejection.code,
      message: rejection.message,
      source: null,
      id,
      schemaId: null,
      firstSeenMs: nowMs(),
      ...(omitted > 0 && { omitted }),
      ...seal(utf8.encode(truncateBytes(raw(), MAX_PAYLOAD_BYTES))),
    };
    const key = utf8.encode(id);
    return { partition: partitionFor(key, partitions), key, value: utf8.encode(JSON.stringify(letter)) };
  }
}

function nameOf(workspaceId: string, { code }: Rejection): string {
  return `${workspaceId}/${code}`;
}
