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

/** How the topics kept by size share what the embedded log may keep. */
const SHARES = { eventsRaw: 0.64, windowsPartial: 0.29, deadLetters: 0.07 } as const;
const DEFAULT_LOG_BYTES = 2_600 * MIB;

/**
 * Retention 7 days; the embedded profile bounds bytes too, so that `.ebap` stays under its limit.
 * @param logBytes what the embedded profile's topics may keep in all; default for a limit of 5 GB
 */
export function topicSpecs(
  profile: 'cluster' | 'embedded',
  logBytes: number = DEFAULT_LOG_BYTES,
): readonly TopicSpec[] {
  const { keyed, partial } = PARTITIONS[profile];
  const bytes = (topic: keyof typeof SHARES) =>
    profile === 'embedded' ? { retentionBytes: Math.floor(logBytes * SHARES[topic]) } : {};
  const week = 7 * DAY_MS;
  return [
    { name: TOPICS.eventsRaw, partitions: keyed, cleanup: 'delete', retentionMs: week, ...bytes('eventsRaw') },
    { name: TOPICS.cdcUsers, partitions: keyed, cleanup: 'compact', retentionMs: week },
    { name: TOPICS.cdcReference, partitions: 1, cleanup: 'compact', retentionMs: week },
    {
      name: TOPICS.windowsPartial,
      partitions: partial,
      cleanup: 'delete',
      retentionMs: week,
      ...bytes('windowsPartial'),
    },
    {
      name: TOPICS.deadLetters,
      partitions: keyed,
      cleanup: 'delete',
      retentionMs: 30 * DAY_MS,
      ...bytes('deadLetters'),
    },
  ];
}
