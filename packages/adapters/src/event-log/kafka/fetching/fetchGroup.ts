import type { FetchPartition } from '../protocol/fetch.ts';
import type { FetchTask } from './fetchTask.ts';

/** What a task needs to be asked of its leader. */
export interface RoutedTask {
  readonly task: FetchTask;
  readonly topicId: string;
  readonly leaderEpoch: number;
}

/** Tasks that one entry of a request serves: same partition, same offset. */
export interface FetchGroup {
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
  readonly members: RoutedTask[];
}

/** The partitions of one answer: more would make it slow to take apart, and a broker slow to put together. */
const MAX_PARTITIONS = 1_000;

/** Where an entry of an answer belongs. */
export function groupKey(topicId: string, partition: number): string {
  return `${topicId}/${partition}`;
}

/**
 * Takes tasks from the queue's front for one request: each partition once, as the protocol wants it. What does not fit
 * (the same partition from another offset) stays queued in its order; settled tasks are dropped.
 */
export function takeGroups(queue: RoutedTask[]): Map<string, FetchGroup> {
  const groups = new Map<string, FetchGroup>();
  const left: RoutedTask[] = [];
  for (const routed of queue) {
    const { task, topicId } = routed;
    if (task.settled) continue;
    const key = groupKey(topicId, task.partition);
    const group = groups.get(key);
    if (group !== undefined && group.offset === task.offset) group.members.push(routed);
    else if (group !== undefined || groups.size >= MAX_PARTITIONS) left.push(routed);
    else groups.set(key, { topicId, partition: task.partition, offset: task.offset, members: [routed] });
  }
  queue.splice(0, queue.length, ...left);
  return groups;
}

/** The entry of a request that serves a group. */
export function entryOf({ topicId, partition, offset, members }: FetchGroup): FetchPartition {
  return {
    topicId,
    partition,
    offset,
    leaderEpoch: Math.max(...members.map(({ leaderEpoch }) => leaderEpoch)),
    maxBytes: Math.max(...members.map(({ task }) => task.maxBytes)),
  };
}
