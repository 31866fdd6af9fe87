import { setTimeout as sleep } from 'node:timers/promises';
import { isAppError } from '@ebap/pipeline/errors';
import type { EventLog } from '@ebap/pipeline/ports';
import { expect } from 'vitest';
import { readAll, record } from '../../conformance/logUnderTest.ts';

/** Longer than any fault is borne: what does not settle within it hangs. */
export const BOUND_MS = 30_000;

/** The promise, or an error when it hangs. */
export async function bounded<T>(promise: Promise<T>): Promise<T> {
  const late = sleep(BOUND_MS, undefined, { ref: false }).then(() => {
    throw new Error(`Nothing happened within ${BOUND_MS} ms.`);
  });
  return Promise.race([promise, late]);
}

/** Appends numbered records to one partition, each again until it is acknowledged; stops when told. */
export class NumberedWriter {
  readonly acknowledged: { readonly number: number; readonly offset: number }[] = [];
  /** Codes of the faults that were met. */
  readonly codes = new Set<string>();
  /** Numbers that were sent more than once: of those the log may hold more than one. */
  readonly repeated = new Set<number>();
  readonly topic: string;
  readonly partition: number;
  readonly #log: EventLog;
  readonly #done: Promise<void>;
  #stopping = false;

  constructor(log: EventLog, topic: string, partition = 0) {
    this.#log = log;
    this.topic = topic;
    this.partition = partition;
    this.#done = this.#run();
    // Whoever stops it hears of a fault.
    this.#done.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await bounded(this.#done);
  }

  /** Resolves when so many more are acknowledged. */
  async grows(by: number, withinMs = BOUND_MS): Promise<void> {
    const wanted = this.acknowledged.length + by;
    await expect.poll(() => this.acknowledged.length, { timeout: withinMs }).toBeGreaterThanOrEqual(wanted);
  }

  async #run(): Promise<void> {
    for (let number = 0; !this.#stopping; number += 1) {
      const [ack] = await this.#untilAcknowledged(number);
      this.acknowledged.push({ number, offset: ack?.baseOffset ?? -1 });
    }
  }

  async #untilAcknowledged(number: number) {
    for (;;) {
      try {
        return await bounded(this.#log.append(this.topic, [record(this.partition, 'k', String(number))]));
      } catch (error) {
        if (!isAppError(error) || !error.retryable) throw error;
        this.codes.add(error.code);
        this.repeated.add(number);
      }
    }
  }
}

/** Everything acknowledged is where it was said to be, a number first comes after all smaller ones, none comes twice. */
export async function expectNothingLost(log: EventLog, writer: NumberedWriter): Promise<void> {
  const found = (await readAll(log, writer.topic, writer.partition)).map(({ offset, value }) => ({
    offset,
    number: Number(Buffer.from(value ?? []).toString()),
  }));
  const byOffset = new Map(found.map(({ offset, number }) => [offset, number]));
  for (const { number, offset } of writer.acknowledged) expect(byOffset.get(offset)).toBe(number);
  const seen = new Set<number>();
  for (const { number } of found) {
    if (seen.has(number)) expect(writer.repeated).toContain(number);
    seen.add(number);
  }
  const firsts = [...seen];
  expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
}
