import { type AppError, isAppError } from '@ebap/pipeline/errors';
import { BrokerLink } from '../brokerLink.ts';
import { codeToAppError, toAppError } from '../faults.ts';
import type { KafkaConfig } from '../options.ts';
import { ErrorCode } from '../protocol/errorCodes.ts';
import { type FetchedPartition, type FetchResponse, fetchApi } from '../protocol/fetch.ts';
import type { BrokerAddress } from '../protocol/metadata.ts';
import { entryOf, type FetchGroup, groupKey, type RoutedTask, takeGroups } from './fetchGroup.ts';
import type { FetchTask } from './fetchTask.ts';
import type { PartitionReader, ReadPartition } from './partitionReader.ts';

/** After so many answers without the data that is there, a task waits with those at the end. */
const MAX_MISSES = 8;
/** Between two long polls: many partitions that trickle would else have the broker look at all of them all the time. */
const POLL_PAUSE_MS = 2;

/** What happens to a task that this broker can't serve. */
export type OnFault = (task: FetchTask, fault: AppError) => void;

/**
 * All fetches of partitions that one broker leads, in few requests. The *read lane* asks without waiting, for fetches
 * of which nothing is known yet; those that turn out to be at the end wait together on the *poll lane*, which the broker
 * holds until something is written. Two connections, as a broker answers the requests of one in order.
 */
export class LeaderFetcher {
  readonly #reader: PartitionReader;
  readonly #config: KafkaConfig;
  readonly #onFault: OnFault;
  readonly #readLink: BrokerLink;
  readonly #pollLink: BrokerLink;
  readonly #fresh: RoutedTask[] = [];
  readonly #tail: RoutedTask[] = [];
  #reading = false;
  #polling = false;

  constructor(address: BrokerAddress, reader: PartitionReader, config: KafkaConfig, onFault: OnFault) {
    this.#reader = reader;
    this.#config = config;
    this.#onFault = onFault;
    this.#readLink = new BrokerLink(address.host, address.port, config);
    this.#pollLink = new BrokerLink(address.host, address.port, config);
  }

  add(routed: RoutedTask): void {
    this.#fresh.push(routed);
    this.#startReading();
  }

  close(): void {
    this.#readLink.close();
    this.#pollLink.close();
  }

  #startReading(): void {
    if (this.#reading || this.#fresh.length === 0) return;
    this.#reading = true;
    // A turn later: fetches that begin together go together.
    setImmediate(() => void this.#read());
  }

  async #read(): Promise<void> {
    const groups = takeGroups(this.#fresh);
    if (groups.size > 0) await this.#ask(this.#readLink, groups, 0);
    this.#reading = false;
    this.#startReading();
    this.#startPolling();
  }

  #startPolling(): void {
    if (this.#polling || this.#tail.length === 0) return;
    this.#polling = true;
    setTimeout(() => void this.#poll(), POLL_PAUSE_MS);
  }

  async #poll(): Promise<void> {
    const groups = takeGroups(this.#tail);
    if (groups.size > 0) await this.#ask(this.#pollLink, groups, this.#pollWaitMs(groups));
    this.#polling = false;
    this.#startPolling();
    this.#startReading();
  }

  /** Until the first of them wants its answer. */
  #pollWaitMs(groups: ReadonlyMap<string, FetchGroup>): number {
    let first = performance.now() + this.#config.pollWaitMs;
    for (const { members } of groups.values()) {
      for (const { task } of members) first = Math.min(first, task.deadlineMs);
    }
    return Math.max(0, Math.ceil(first - performance.now()));
  }

  async #ask(link: BrokerLink, groups: Map<string, FetchGroup>, maxWaitMs: number): Promise<void> {
    const partitions = [...groups.values()].map(entryOf);
    let response: FetchResponse;
    try {
      response = await link.send(fetchApi, { maxWaitMs, maxBytes: this.#config.responseMaxBytes, partitions });
      if (response.errorCode !== ErrorCode.none) throw codeToAppError(response.errorCode, 'fetching', {});
    } catch (error) {
      const fault = toAppError(error, 'fetching');
      for (const { members } of groups.values()) this.#fail(members, fault);
      return;
    }
    for (const found of response.partitions) {
      const key = groupKey(found.topicId, found.partition);
      const group = groups.get(key);
      groups.delete(key);
      if (group !== undefined) this.#take(group, found);
    }
    // Not mentioned in the answer: the broker knows nothing of it.
    for (const { members } of groups.values()) {
      this.#fail(members, codeToAppError(ErrorCode.unknownTopicOrPartition, 'fetching', {}));
    }
  }

  #fail(members: readonly RoutedTask[], fault: AppError): void {
    for (const { task } of members) if (!task.settled) this.#onFault(task, fault);
  }

  #take(group: FetchGroup, found: FetchedPartition): void {
    const waiting = group.members.filter(({ task }) => !task.settled);
    waiting.sort((a, b) => a.task.deadlineMs - b.task.deadlineMs);
    const first = waiting[0];
    if (first === undefined) return;
    const { topic, partition } = first.task;
    if (found.errorCode !== ErrorCode.none) {
      const context = { topic, partition, offset: group.offset };
      this.#fail(waiting, codeToAppError(found.errorCode, `fetching ${topic}/${partition}`, context));
      return;
    }
    try {
      const read = this.#reader.read(topic, group.offset, found);
      for (const routed of waiting) this.#answer(routed, read);
    } catch (error) {
      const fault = toAppError(error, `reading ${topic}/${partition} from ${group.offset}`);
      // What the bytes are will not change: no other try.
      for (const { task } of waiting) {
        if (isAppError(fault, 'unavailable')) this.#onFault(task, fault);
        else task.reject(fault);
      }
    }
  }

  /** Hands out what was found, or decides where the task goes on waiting. */
  #answer(routed: RoutedTask, { batch, neededBytes, readableEnd }: ReadPartition): void {
    const { task } = routed;
    task.faultSinceMs = null;
    if (batch.count > 0) {
      task.resolve(batch);
      return;
    }
    task.maxBytes = Math.max(task.maxBytes, neededBytes);
    const isSkipping = batch.nextOffset > task.offset;
    task.offset = batch.nextOffset;
    const isAtEnd = task.offset >= readableEnd;
    task.misses = isAtEnd || isSkipping ? 0 : task.misses + 1;
    if (isAtEnd && performance.now() >= task.deadlineMs) task.resolve(batch);
    else if (isAtEnd || task.misses > MAX_MISSES) this.#tail.push(routed);
    // To the front: it was passed over because others filled the answer.
    else this.#fresh.unshift(routed);
  }
}
