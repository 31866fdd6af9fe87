import { describe, expect, test } from 'vitest';
import { PARTITIONS, TOPICS, topicSpecs } from './index.ts';

const DAY_MS = 86_400_000;

describe.each(['cluster', 'embedded'] as const)('the topics of the %s profile', (profile) => {
  const specs = new Map(topicSpecs(profile).map((s) => [s.name, s]));

  test('are each there once', () => {
    expect([...specs.keys()].sort()).toEqual(Object.values(TOPICS).sort());
    expect(topicSpecs(profile)).toHaveLength(specs.size);
  });

  test('join events with profiles partition by partition', () => {
    expect(specs.get(TOPICS.cdcUsers)?.partitions).toBe(specs.get(TOPICS.eventsRaw)?.partitions);
    expect(specs.get(TOPICS.eventsRaw)?.partitions).toBe(PARTITIONS[profile].keyed);
    expect(specs.get(TOPICS.deadLetters)?.partitions).toBe(PARTITIONS[profile].keyed);
    expect(specs.get(TOPICS.cdcReference)?.partitions).toBe(1);
  });

  test('keep changes by key and everything else for a week, dead letters for 30 days', () => {
    expect(specs.get(TOPICS.cdcUsers)?.cleanup).toBe('compact');
    expect(specs.get(TOPICS.cdcReference)?.cleanup).toBe('compact');
    expect(specs.get(TOPICS.eventsRaw)).toMatchObject({ cleanup: 'delete', retentionMs: 7 * DAY_MS });
    expect(specs.get(TOPICS.windowsPartial)).toMatchObject({ cleanup: 'delete', retentionMs: 7 * DAY_MS });
    expect(specs.get(TOPICS.deadLetters)).toMatchObject({ cleanup: 'delete', retentionMs: 30 * DAY_MS });
  });
});

test('the embedded profile bounds what grows without end, well under 5 GB', () => {
  const growing = topicSpecs('embedded').filter((s) => s.cleanup === 'delete');
  for (const spec of growing) expect(spec.retentionBytes).toBeGreaterThan(0);
  expect(growing.reduce((sum, s) => sum + (s.retentionBytes ?? 0), 0)).toBeLessThan(4e9);
});

test('the embedded topics keep together what they are given', () => {
  const kept = topicSpecs('embedded', 1e9).reduce((sum, s) => sum + (s.retentionBytes ?? 0), 0);
  expect(kept).toBeLessThanOrEqual(1e9);
  expect(kept).toBeGreaterThan(0.99e9);
});

test('the cluster profile has no limit by size', () => {
  for (const spec of topicSpecs('cluster')) expect(spec.retentionBytes).toBeUndefined();
});
