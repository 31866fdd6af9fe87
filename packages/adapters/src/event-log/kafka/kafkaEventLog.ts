import { AppError } from '@ebap/pipeline/errors';
import type {
  AppendAck,
  AppendRecord,
  EventLog,
  FetchOptions,
  LogBatch,
  PartitionOffsets,
  RetentionReport,
  TopicSpec,
} from '@ebap/pipeline/ports';
import { ClusterView } from './clusterView.ts';
import { Fetcher } from './fetching/index.ts';
import { OffsetsReader } from './offsetsReader.ts';
import { type KafkaConfig, type KafkaEventLogOptions, withDefaults } from './options.ts';
import { Appender, appendCall } from './producing/index.ts';
import { ensureTopic } from './topicAdmin.ts';

const DEFAULT_MAX_BYTES = 1024 * 1024;

/**
 * Opens the event log that an Apache Kafka 4 cluster keeps. Positions are the caller's (its checkpoints): there is no
 * consumer group. A topic is known by its id from when it is first seen; one that was deleted and made anew is
 * a `topic_mismatch`.
 * @throws AppError `unavailable` when no broker answers, `configuration` when they refuse us
 */
export async function openKafkaEventLog(options: KafkaEventLogOptions): Promise<EventLog> {
  const config = withDefaults(options);
  const cluster = new ClusterView(config);
  try {
    await cluster.refresh();
    return new KafkaEventLog(cluster, config);
  } catch (error) {
    cluster.close();
    throw error;
  }
}

class KafkaEventLog implements EventLog {
  readonly clusterId: string;
  readonly #cluster: ClusterView;
  readonly #config: KafkaConfig;
  readonly #fetcher: Fetcher;
  readonly #appender: Appender;
  readonly #offsets: OffsetsReader;
  #closed = false;

  constructor(cluster: ClusterView, config: KafkaConfig) {
    this.clusterId = cluster.clusterId;
    this.#cluster = cluster;
    this.#config = config;
    this.#fetcher = new Fetcher(cluster, config);
    this.#appender = new Appender(config);
    this.#offsets = new OffsetsReader(cluster, config.patienceMs);
  }

  async createTopic(spec: TopicSpec): Promise<void> {
    this.#assertOpen();
    await ensureTopic(this.#cluster, this.#config, spec);
  }

  async partitionCount(topic: string): Promise<number> {
    this.#assertOpen();
    return (await this.#cluster.topic(topic)).partitions.length;
  }

  async topicId(topic: string): Promise<string> {
    this.#assertOpen();
    return (await this.#cluster.topic(topic)).id;
  }

  async append(topic: string, records: readonly AppendRecord[]): Promise<readonly AppendAck[]> {
    const partitions = await this.partitionCount(topic);
    if (records.length === 0) return [];
    return this.#appender.append(appendCall(topic, partitions, records));
  }

  async fetch(topic: string, partition: number, fromOffset: number, options: FetchOptions = {}): Promise<LogBatch> {
    const { maxBytes = DEFAULT_MAX_BYTES, maxWaitMs = 0, signal } = options;
    this.#assertOpen();
    if (!Number.isSafeInteger(fromOffset) || fromOffset < 0) {
      throw new AppError('offset_out_of_range', `There is no offset ${fromOffset}.`, {
        context: { topic, partition, offset: fromOffset },
      });
    }
    return this.#fetcher.fetch({ topic, partition, fromOffset, maxBytes, maxWaitMs, signal });
  }

  async offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    this.#assertOpen();
    return this.#offsets.read(topic, partition);
  }

  /** The brokers do it all the time and report nothing. */
  async applyRetention(): Promise<RetentionReport> {
    return { droppedRecords: 0, keptBytes: 0 };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#fetcher.close();
    await this.#appender.close();
    this.#cluster.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw new AppError('unavailable', 'The event log is closed.');
  }
}
