import { type EventLog, recordAt } from '@ebap/pipeline/ports';
import type { ChangeRecord, Envelope } from '../conformance.ts';

/** Everything on a topic of changes, partition after partition. */
export async function readTopic(log: EventLog, topic: string, partitions: number): Promise<readonly ChangeRecord[]> {
  const found: ChangeRecord[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const { start, end } = await log.offsets(topic, partition);
    for (let next = start; next < end; ) {
      const batch = await log.fetch(topic, partition, next, { maxBytes: 8 << 20 });
      for (let i = 0; i < batch.count; i++) {
        const { key, value } = recordAt(batch, i);
        const text = value === null ? null : Buffer.from(value).toString();
        // The topic holds what this test's connector wrote.
        const envelope = text === null ? null : (JSON.parse(text) as Envelope);
        found.push({ partition, key: Buffer.from(key ?? []).toString(), value: envelope });
      }
      if (batch.count === 0) break;
      next = batch.nextOffset;
    }
  }
  return found;
}
