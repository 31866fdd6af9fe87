import { AppError } from '@ebap/pipeline/errors';
import type { AppendAck } from '@ebap/pipeline/ports';
import { toAppError } from '../faults.ts';
import type { KafkaConfig } from '../options.ts';
import { type AppendCall, acksOf } from './appendCall.ts';
import { GroupProducer } from './groupProducer.ts';

/** What one send takes on beyond its first call. */
const GROUP_BYTES = 8 * 1024 * 1024;
/** Under the brokers' default limit of a batch (1 MiB), so that only calls larger by themselves need more. */
const GROUP_PARTITION_BYTES = 900 * 1024;
/** kafkajs copies a partition's list of messages once per message. */
const GROUP_PARTITION_RECORDS = 2_000;
/** What may wait; beyond, calls are refused. */
const QUEUE_BYTES = 128 * 1024 * 1024;

interface Pending {
  readonly call: AppendCall;
  readonly resolve: (acks: readonly AppendAck[]) => void;
  readonly reject: (fault: AppError) => void;
}

/** Group commit: calls that come while a send is under way go together in the next one. One send at a time. */
export class Appender {
  readonly #config: KafkaConfig;
  readonly #queue: Pending[] = [];
  #queuedBytes = 0;
  #producer: GroupProducer | undefined;
  /** So many sends take one call each: among the last group was one that Kafka will never take. */
  #alone = 0;
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(config: KafkaConfig) {
    this.#config = config;
  }

  /** @throws AppError `unavailable` (retryable): it is unknown whether the records were written */
  append(call: AppendCall): Promise<readonly AppendAck[]> {
    if (this.#closed) return Promise.reject(new AppError('unavailable', 'The event log is closed.'));
    if (this.#queue.length > 0 && this.#queuedBytes + call.bytes > QUEUE_BYTES) {
      return Promise.reject(new AppError('unavailable', 'Too many writes are waiting for Kafka.', { retryable: true }));
    }
    this.#queuedBytes += call.bytes;
    return new Promise((resolve, reject) => {
      this.#queue.push({ call, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Answers everything queued, then lets the brokers go. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
    await this.#producer?.close();
  }

  async #drain(): Promise<void> {
    // A turn later: calls that are made together go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) await this.#sendGroup();
    this.#draining = undefined;
  }

  async #sendGroup(): Promise<void> {
    const group = this.#takeGroup();
    const calls = group.map(({ call }) => call);
    this.#producer ??= new GroupProducer(this.#config);
    const producer = this.#producer;
    try {
      const answer = await producer.send(calls);
      const acks = acksOf(calls, answer);
      group.forEach(({ resolve }, i) => {
        resolve(acks[i] ?? []);
      });
    } catch (error) {
      // Its sequence numbers are in doubt: the next records could be taken for these.
      this.#producer = undefined;
      void producer.close();
      this.#refuse(group, toAppError(error, 'appending'));
    }
  }

  /** A fault of one call must not end the others: sent again, each is on its own and gets what it deserves. */
  #refuse(group: readonly Pending[], fault: AppError): void {
    if (fault.retryable) {
      // Who waited behind them has waited as long as a fault is borne.
      for (const { reject } of [...group, ...this.#queue.splice(0)]) reject(fault);
      this.#queuedBytes = 0;
      return;
    }
    if (group.length > 1) this.#alone = 2 * group.length;
    const answer = group.length === 1 ? fault : amongOthers(fault);
    for (const { reject } of group) reject(answer);
  }

  #takeGroup(): readonly Pending[] {
    const shares = new Map<string, { records: number; bytes: number }>();
    let bytes = 0;
    let count = 0;
    const isAlone = this.#alone > 0;
    if (isAlone) this.#alone -= 1;
    for (const { call } of this.#queue) {
      if (count > 0 && (isAlone || bytes + call.bytes > GROUP_BYTES || !fits(shares, call))) break;
      for (const [partition, share] of call.partitions) {
        const key = `${call.topic}/${partition}`;
        const sum = shares.get(key);
        shares.set(key, { records: (sum?.records ?? 0) + share.count, bytes: (sum?.bytes ?? 0) + share.bytes });
      }
      bytes += call.bytes;
      count += 1;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }
}

function fits(
  shares: ReadonlyMap<string, { records: number; bytes: number }>,
  { topic, partitions }: AppendCall,
): boolean {
  for (const [partition, { count, bytes }] of partitions) {
    const sum = shares.get(`${topic}/${partition}`);
    if (sum === undefined && bytes <= GROUP_PARTITION_BYTES) continue;
    if ((sum?.bytes ?? 0) + bytes > GROUP_PARTITION_BYTES) return false;
    if ((sum?.records ?? 0) + count > GROUP_PARTITION_RECORDS) return false;
  }
  return true;
}

function amongOthers(fault: AppError): AppError {
  return new AppError('unavailable', `Another append of the same send failed: ${fault.message}`, {
    retryable: true,
    cause: fault,
    context: fault.context,
  });
}
