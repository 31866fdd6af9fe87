import { AppError } from '@ebap/pipeline/errors';
import type { Message, Producer, RecordMetadata, TopicMessages } from 'kafkajs';
import { kafkajsCompression } from '../compression.ts';
import { codeToAppError } from '../faults.ts';
import { kafkajsClient } from '../kafkajsClient.ts';
import type { KafkaConfig } from '../options.ts';
import type { AppendCall } from './appendCall.ts';

/** Where a partition's records of a send begin, and when they were appended. */
export type SendAnswer = (
  topic: string,
  partition: number,
) => { readonly baseOffset: number; readonly appendTimeMs: number };

/** Each partition's share is compressed by itself: below this, the codec costs more than it saves. */
const MIN_COMPRESSED_BYTES = 1_024;
const RETRY = { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2 };
/** A partition that goes to kafkajs with each record, taken as it is. */
const explicitPartitioner =
  () =>
  ({ message }: { readonly message: Message }) =>
    message.partition ?? -1;

/**
 * An idempotent producer of kafkajs, for one send at a time: with several, a retry could reuse a sequence number. After
 * a send that failed it must not be used again: kafkajs takes its sequence numbers back although the brokers may
 * have the records, and the next ones would be acknowledged as if they were those, and lost.
 */
export class GroupProducer {
  readonly #producer: Producer;
  readonly #compression: number;
  readonly #requestTimeoutMs: number;
  readonly #patienceMs: number;
  #connected: Promise<void> | undefined;
  #sending: Promise<unknown> = Promise.resolve();

  constructor(config: KafkaConfig) {
    this.#compression = kafkajsCompression(config.compression);
    this.#requestTimeoutMs = config.requestTimeoutMs;
    this.#patienceMs = config.patienceMs;
    this.#producer = kafkajsClient(config).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: explicitPartitioner,
      retry: RETRY,
    });
  }

  /** @throws errors of kafkajs; AppError `unavailable` when there is no answer in time */
  async send(calls: readonly AppendCall[]): Promise<SendAnswer> {
    const compression = isWorthCompressing(calls) ? this.#compression : kafkajsCompression('none');
    const sending = this.#send(mergeByTopic(calls), compression);
    this.#sending = sending;
    const records = await this.#inTime(sending);
    const answered = new Map(records.map((record) => [`${record.topicName}/${record.partition}`, record]));
    return (topic, partition) => readAnswer(topic, partition, answered.get(`${topic}/${partition}`));
  }

  /** Never fails; does not wait for a broker that does not answer. */
  async close(): Promise<void> {
    const disconnect = () => this.#producer.disconnect().catch(() => undefined);
    // A send that was given up goes on trying and connects anew: once more when it has ended.
    void this.#sending.catch(() => undefined).then(disconnect);
    await this.#inTime(disconnect()).catch(() => undefined);
  }

  async #send(topicMessages: TopicMessages[], compression: number): Promise<RecordMetadata[]> {
    this.#connected ??= this.#producer.connect();
    await this.#connected;
    return this.#producer.sendBatch({
      topicMessages,
      acks: -1,
      timeout: this.#requestTimeoutMs,
      compression,
    });
  }

  /** kafkajs's own timeouts and retries end earlier as a rule; this one is for what they do not cover. */
  async #inTime<T>(work: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const limitMs = this.#patienceMs + this.#requestTimeoutMs;
    const timer = setTimeout(() => {
      late.reject(new AppError('unavailable', `Kafka did not answer within ${limitMs} ms.`, { retryable: true }));
    }, limitMs);
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Whether the mean share is large enough. */
function isWorthCompressing(calls: readonly AppendCall[]): boolean {
  const shares = new Set(calls.flatMap(({ topic, partitions }) => [...partitions.keys()].map((p) => `${topic}/${p}`)));
  const bytes = calls.reduce((sum, call) => sum + call.bytes, 0);
  return bytes >= shares.size * MIN_COMPRESSED_BYTES;
}

function mergeByTopic(calls: readonly AppendCall[]): TopicMessages[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, messages } of calls) {
    const merged = topics.get(topic);
    if (merged === undefined) topics.set(topic, [...messages]);
    else for (const message of messages) merged.push(message);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}

function readAnswer(topic: string, partition: number, record: RecordMetadata | undefined) {
  const context = { topic, partition };
  if (record === undefined) {
    throw new AppError('unavailable', `Kafka did not answer for ${topic}/${partition}.`, { retryable: true, context });
  }
  if (record.errorCode !== 0) throw codeToAppError(record.errorCode, 'appending', context);
  const appendTimeMs = Number(record.logAppendTime ?? -1);
  if (appendTimeMs < 0) {
    const problem = `${topic} keeps its producers' times; the log needs message.timestamp.type=LogAppendTime.`;
    throw new AppError('configuration', problem, { context });
  }
  return { baseOffset: Number(record.baseOffset), appendTimeMs };
}
