import type { TopicSpec } from '../ports/eventLog.ts';

/** The topics of the spine. */
export const TOPICS = {
  eventsRaw: 'ebap.events.raw',
  cdcUsers: 'ebap.cdc.users',
  cdcReference: 'ebap.cdc.reference',
  windowsPartial: 'ebap.windows.partial',
  deadLetters: 'ebap.dlq',
} as const;

const DAY_MS = 86_400_000;
const MIB = 1 << 20;

/** Partition counts are recorded when a topic is created; a worker refuses a different one. */
export const PARTITIONS = {
  cluster: { keyed: 50, partial: 8 },
  embedded: { keyed: 4, partial: 2 },
} as const;

/** Retention 7 days; the embedded profile bounds bytes too, so that `.ebap` stays under 5 GB. */
export function topicSpecs(profile: 'cluster' | 'embedded'): readonly TopicSpec[] {
  const { keyed, partial } = PARTITIONS[profile];
  const bytes = (mib: number) => (profile === 'embedded' ? { retentionBytes: mib * MIB } : {});
  const week = 7 * DAY_MS;
  return [
    { name: TOPICS.eventsRaw, partitions: keyed, cleanup: 'delete', retentionMs: week, ...bytes(1_800) },
    { name: TOPICS.cdcUsers, partitions: keyed, cleanup: 'compact', retentionMs: week },
    { name: TOPICS.cdcReference, partitions: 1, cleanup: 'compact', retentionMs: week },
    { name: TOPICS.windowsPartial, partitions: partial, cleanup: 'delete', retentionMs: week, ...bytes(800) },
    { name: TOPICS.deadLetters, partitions: keyed, cleanup: 'delete', retentionMs: 30 * DAY_MS, ...bytes(200) },
  ];
}
