import { expect, test } from 'vitest';
import { murmur2, partitionFor } from './partitioner.ts';

/** Vectors of Kafka's own UtilsTest.testMurmur2. */
const VECTORS: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

test.each(VECTORS)('murmur2 of %s is what Kafka computes', (text, hash) => {
  expect(murmur2(new TextEncoder().encode(text))).toBe(hash);
});

test('a slice hashes like its copy', () => {
  const bytes = new TextEncoder().encode('xxfoobaryy');
  expect(murmur2(bytes, 2, 8)).toBe(-790332482);
  expect(partitionFor(bytes, 4, 2, 8)).toBe((-790332482 & 0x7fffffff) % 4);
});
