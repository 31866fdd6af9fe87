import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { codeOf } from '../../testing/codeOf.ts';
import { type Made, topicSpec } from './logUnderTest.ts';

/** Topics and their partitions. */
export function describeTopics(made: Made): void {
  test('creating a topic is idempotent', async () => {
    const spec = topicSpec(3);
    await made().log.createTopic(spec);
    await made().log.createTopic(spec);
    expect(await made().log.partitionCount(spec.name)).toBe(3);
  });

  test('a topic keeps its partition count', async () => {
    const spec = topicSpec(3);
    await made().log.createTopic(spec);
    expect(await codeOf(made().log.createTopic({ ...spec, partitions: 4 }))).toBe('topic_mismatch');
    expect(await made().log.partitionCount(spec.name)).toBe(3);
  });

  test('a topic keeps its id, also after closing and opening again', async () => {
    const { name } = topicSpec(1);
    await made().log.createTopic(topicSpec(1, { name }));
    const id = await made().log.topicId(name);
    expect(id).not.toBe('');
    expect(await (await made().reopen()).topicId(name)).toBe(id);
  });

  test('an unknown topic is `not_found`', async () => {
    expect(await codeOf(made().log.partitionCount(`missing.${randomUUID()}`))).toBe('not_found');
    expect(await codeOf(made().log.topicId(`missing.${randomUUID()}`))).toBe('not_found');
  });

  test('a new partition is empty and begins at 0', async () => {
    const spec = topicSpec(2);
    await made().log.createTopic(spec);
    expect(await made().log.offsets(spec.name, 1)).toEqual({ start: 0, end: 0 });
  });
}
