import { setTimeout as sleep } from 'node:timers/promises';
import type { PartitionOffsets } from '@ebap/pipeline/ports';
import type { ClusterView } from './clusterView.ts';
import { codeToAppError, toAppError } from './faults.ts';
import { assertPartition } from './fetching/index.ts';
import { ErrorCode } from './protocol/errorCodes.ts';
import { type ListOffsetsRequest, listOffsetsApi } from './protocol/listOffsets.ts';

const PAUSE_MS = 100;

/** First kept and next offset of a partition, from its leader. @throws AppError as the port's `offsets` */
export async function partitionOffsets(
  cluster: ClusterView,
  topic: string,
  partition: number,
  patienceMs: number,
): Promise<PartitionOffsets> {
  const sinceMs = performance.now();
  for (;;) {
    try {
      const start = await ask(cluster, { topic, partition, of: 'start' });
      return { start, end: await ask(cluster, { topic, partition, of: 'end' }) };
    } catch (error) {
      const fault = toAppError(error, `asking for offsets of ${topic}/${partition}`);
      if (!fault.retryable || performance.now() - sinceMs > patienceMs) throw fault;
      await sleep(PAUSE_MS);
      // Its fault shows in the next try.
      await cluster.refresh(topic).catch(() => undefined);
    }
  }
}

async function ask(cluster: ClusterView, request: ListOffsetsRequest): Promise<number> {
  const topic = await cluster.topic(request.topic);
  assertPartition(topic, request.partition);
  const leaderId = topic.partitions[request.partition]?.leaderId ?? -1;
  const { errorCode, offset } = await cluster.askBroker(leaderId, listOffsetsApi, request);
  if (errorCode === ErrorCode.none) return offset;
  throw codeToAppError(errorCode, 'asking for offsets', { topic: request.topic, partition: request.partition });
}
