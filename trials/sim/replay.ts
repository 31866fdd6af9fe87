import { decodePartial, encodePartial, TOPICS } from '@ebap/pipeline/contracts';
import { packBatch } from '@ebap/pipeline/ports';
import { EVENT_SOURCES, type EventOutputs, EventTask, onlySchema } from '@ebap/pipeline/tasks';
import { RAW_EVENT_SCHEMA_ID } from './workload.ts';
import { PARTIAL_PARTITIONS, type World } from './world.ts';

/**
 * Runs the log once more through a fresh task, record by record and without any fault, and compares every partial
 * on the log with what that gives: same cuts, same bytes, however often a cut was written.
 */
export function replayDifferences(world: World): readonly string[] {
  const found: string[] = [];
  const expected = new Map<string, string>();
  for (let p = 0; p < world.partitions; p++)
    for (const outputs of replay(world, p))
      for (const { partition, message } of outputs.partials)
        expected.set(
          `${p}/${partition}/${message.cut}/${message.part}`,
          Buffer.from(encodePartial(message)).toString('base64'),
        );
  const seen = new Set<string>();
  for (let q = 0; q < PARTIAL_PARTITIONS; q++)
    for (const record of world.log.records(TOPICS.windowsPartial, q)) {
      if (record.value === null) continue;
      const message = decodePartial(record.value);
      const id = `${message.sourcePartition}/${q}/${message.cut}/${message.part}`;
      seen.add(id);
      if (expected.get(id) !== Buffer.from(record.value).toString('base64'))
        found.push(`replay: partial ${id} differs`);
    }
  // The last cut of a partition may have been completed by a record that nobody has read yet.
  const lastCuts = new Map<string, number>();
  for (const id of expected.keys()) lastCuts.set(sourceOf(id), Math.max(lastCuts.get(sourceOf(id)) ?? 0, cutOf(id)));
  for (const id of expected.keys())
    if (!seen.has(id) && cutOf(id) !== lastCuts.get(sourceOf(id))) found.push(`replay: partial ${id} is missing`);
  return found.slice(0, 10);
}

function sourceOf(id: string): string {
  return id.split('/')[0] ?? '';
}

function cutOf(id: string): number {
  return Number(id.split('/')[2]);
}

function* replay(world: World, partition: number): Iterable<EventOutputs> {
  const task = new EventTask({
    partition,
    partitions: world.partitions,
    partialPartitions: PARTIAL_PARTITIONS,
    schemas: onlySchema(RAW_EVENT_SCHEMA_ID),
    feedPerCut: 4,
  });
  const merged = [
    ...world.log.records(TOPICS.cdcReference, 0).map((record) => ({ source: EVENT_SOURCES.reference, record })),
    ...world.log.records(TOPICS.cdcUsers, partition).map((record) => ({ source: EVENT_SOURCES.users, record })),
    ...world.log.records(TOPICS.eventsRaw, partition).map((record) => ({ source: EVENT_SOURCES.events, record })),
  ].sort(
    (a, b) => a.record.appendTimeMs - b.record.appendTimeMs || a.source - b.source || a.record.offset - b.record.offset,
  );
  for (const { source, record } of merged) {
    const batch = packBatch({ topic: '', partition, nextOffset: record.offset + 1, endOffset: 0, readThroughMs: 0 }, [
      record,
    ]);
    for (let next = 0; next < 1; ) {
      const result = task.step(source, batch, next, 1);
      next = result.next;
      if (result.outputs !== null) yield result.outputs;
    }
  }
}
