import { AppError } from '@ebap/pipeline/errors';
import type { LogBatch } from '@ebap/pipeline/ports';
import type { ClusterView } from '../clusterView.ts';
import { codeToAppError, toAppError } from '../faults.ts';
import type { KafkaConfig } from '../options.ts';
import { ErrorCode } from '../protocol/errorCodes.ts';
import type { TopicMetadata } from '../protocol/metadata.ts';
import { FetchTask, type FetchTaskRequest } from './fetchTask.ts';
import { LeaderFetcher } from './leaderFetcher.ts';
import { PartitionReader } from './partitionReader.ts';

/** Between a fault and the next try. */
const PAUSE_MS = 100;

/** Brings each fetch to the broker that leads its partition, and bears its faults for a while. */
export class Fetcher {
  readonly #cluster: ClusterView;
  readonly #config: KafkaConfig;
  readonly #reader: PartitionReader;
  readonly #leaders = new Map<string, LeaderFetcher>();
  readonly #open = new Set<FetchTask>();
  #closed = false;

  constructor(cluster: ClusterView, config: KafkaConfig) {
    this.#cluster = cluster;
    this.#config = config;
    this.#reader = new PartitionReader(config.checkCrc);
  }

  /** @throws AppError as the port's `fetch` */
  async fetch(request: FetchTaskRequest): Promise<LogBatch> {
    const task = new FetchTask(request);
    this.#open.add(task);
    try {
      if (this.#closed) throw closed();
      if (!task.settled) void this.#route(task);
      return await task.answer;
    } finally {
      this.#open.delete(task);
    }
  }

  close(): void {
    this.#closed = true;
    for (const task of this.#open) task.reject(closed());
    for (const leader of this.#leaders.values()) leader.close();
  }

  async #route(task: FetchTask): Promise<void> {
    try {
      const topic = await this.#cluster.topic(task.topic);
      const partition = topic.partitions[task.partition];
      if (partition === undefined) throw noPartition(task);
      const leader = this.#leader(partition.leaderId);
      if (leader === undefined) throw codeToAppError(ErrorCode.leaderNotAvailable, 'fetching', {});
      leader.add({ task, topicId: topic.id, leaderEpoch: partition.leaderEpoch });
    } catch (error) {
      this.#bear(task, toAppError(error, `fetching ${task.topic}`));
    }
  }

  #bear(task: FetchTask, fault: AppError): void {
    if (task.settled) return;
    const nowMs = performance.now();
    task.faultSinceMs ??= nowMs;
    const isBorne = this.#mayHeal(task, fault) && nowMs - task.faultSinceMs <= this.#config.patienceMs;
    if (isBorne) setTimeout(() => void this.#again(task), PAUSE_MS);
    else task.reject(fault);
  }

  /** Another leader, another connection or a little time may do it; a topic that was there may be told of late. */
  #mayHeal({ topic }: FetchTask, { code, retryable }: AppError): boolean {
    return retryable || (code === 'not_found' && this.#cluster.knows(topic));
  }

  async #again(task: FetchTask): Promise<void> {
    if (task.settled) return;
    try {
      await this.#cluster.refresh(task.topic);
      await this.#route(task);
    } catch (error) {
      this.#bear(task, toAppError(error, `fetching ${task.topic}`));
    }
  }

  #leader(nodeId: number): LeaderFetcher | undefined {
    const address = this.#cluster.broker(nodeId);
    if (address === undefined) return undefined;
    const key = `${nodeId}@${address.host}:${address.port}`;
    const known = this.#leaders.get(key);
    if (known !== undefined) return known;
    const leader = new LeaderFetcher(address, this.#reader, this.#config, (task, fault) => this.#bear(task, fault));
    this.#leaders.set(key, leader);
    return leader;
  }
}

/** The number of partitions of a known topic, checked. @throws AppError `not_found` */
export function assertPartition(topic: TopicMetadata, partition: number): void {
  if (topic.partitions[partition] !== undefined) return;
  throw noPartition({ topic: topic.name ?? '', partition });
}

function noPartition({ topic, partition }: { readonly topic: string; readonly partition: number }): AppError {
  return new AppError('not_found', `${topic} has no partition ${partition}.`, { context: { topic, partition } });
}

function closed(): AppError {
  return new AppError('unavailable', 'The event log is closed.');
}
