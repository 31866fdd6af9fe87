import { setTimeout as sleep } from 'node:timers/promises';
import type { PartitionOffsets } from '@ebap/pipeline/ports';
import type { ClusterView } from './clusterView.ts';
import { codeToAppError, toAppError } from './faults.ts';
import { assertPartition } from './fetching/index.ts';
import { ErrorCode } from './protocol/errorCodes.ts';
import { type ListedOffset, type ListOffsetsRequest, listOffsetsApi } from './protocol/listOffsets.ts';

const PAUSE_MS = 100;

/** Questions to one leader that go together. */
interface Group {
  readonly topics: Map<string, Set<number>>;
  readonly answer: Promise<ReadonlyMap<string, ListedOffset>>;
}

/** Asks leaders for offsets; questions that are asked together go in one request, a page of all topics in two. */
export class OffsetsReader {
  readonly #cluster: ClusterView;
  readonly #patienceMs: number;
  readonly #groups = new Map<string, Group>();

  constructor(cluster: ClusterView, patienceMs: number) {
    this.#cluster = cluster;
    this.#patienceMs = patienceMs;
  }

  /** First kept and next offset of a partition. @throws AppError as the port's `offsets` */
  async read(topic: string, partition: number): Promise<PartitionOffsets> {
    const sinceMs = performance.now();
    for (;;) {
      try {
        // The start first: what retention drops in between must not put it behind the end.
        const start = await this.#ask(topic, partition, 'start');
        return { start, end: await this.#ask(topic, partition, 'end') };
      } catch (error) {
        const fault = toAppError(error, `asking for offsets of ${topic}/${partition}`);
        if (!fault.retryable || performance.now() - sinceMs > this.#patienceMs) throw fault;
        await sleep(PAUSE_MS);
        // Its fault shows in the next try.
        await this.#cluster.refresh(topic).catch(() => undefined);
      }
    }
  }

  async #ask(name: string, partition: number, of: ListOffsetsRequest['of']): Promise<number> {
    const topic = await this.#cluster.topic(name);
    assertPartition(topic, partition);
    const group = this.#group(topic.partitions[partition]?.leaderId ?? -1, of);
    const partitions = group.topics.get(name) ?? new Set();
    group.topics.set(name, partitions.add(partition));
    const { errorCode, offset } = (await group.answer).get(keyOf(name, partition)) ?? NOT_TOLD;
    if (errorCode === ErrorCode.none) return offset;
    throw codeToAppError(errorCode, 'asking for offsets', { topic: name, partition });
  }

  /** The one that is being gathered for the leader. */
  #group(leaderId: number, of: ListOffsetsRequest['of']): Group {
    const key = `${leaderId}/${of}`;
    const gathering = this.#groups.get(key);
    if (gathering !== undefined) return gathering;
    const topics = new Map<string, Set<number>>();
    const group = { topics, answer: this.#send(leaderId, of, key, topics) };
    group.answer.catch(() => undefined); // told to each who asked
    this.#groups.set(key, group);
    return group;
  }

  async #send(
    leaderId: number,
    of: ListOffsetsRequest['of'],
    key: string,
    gathered: ReadonlyMap<string, ReadonlySet<number>>,
  ): Promise<ReadonlyMap<string, ListedOffset>> {
    // A turn later: questions that are asked together go together.
    await new Promise((resolve) => setImmediate(resolve));
    this.#groups.delete(key);
    const topics = [...gathered].map(([topic, partitions]) => ({ topic, partitions: [...partitions] }));
    const listed = await this.#cluster.askBroker(leaderId, listOffsetsApi, { of, topics });
    return new Map(listed.map((one) => [keyOf(one.topic, one.partition), one]));
  }
}

const NOT_TOLD = { errorCode: ErrorCode.unknownTopicOrPartition, offset: -1 };

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
