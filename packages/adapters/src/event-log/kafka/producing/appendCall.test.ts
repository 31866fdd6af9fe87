import { TICK_HEADER } from '@ebap/pipeline/ports';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_PARTITION_APPEND_BYTES, MAX_RECORD_BYTES } from '../options.ts';
import { acksOf, appendCall } from './appendCall.ts';

const record = (partition: number, bytes = 1) => ({ partition, key: null, value: new Uint8Array(bytes) });
const anyCall = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 10 });

test('calls of one send share out its offsets in their order, without a gap', () => {
  fc.assert(
    fc.property(fc.array(anyCall, { minLength: 1, maxLength: 10 }), (calls) => {
      const base = (partition: number) => 100 * partition;
      const next = new Map<number, number>();
      const acks = acksOf(
        calls.map((partitions) =>
          appendCall(
            't',
            4,
            partitions.map((partition) => record(partition)),
          ),
        ),
        (_topic, partition) => ({ baseOffset: base(partition), appendTimeMs: 7 }),
      );
      acks.forEach((ofCall, i) => {
        expect(ofCall.reduce((sum, { count }) => sum + count, 0)).toBe(calls[i]?.length);
        for (const { partition, baseOffset, count, appendTimeMs } of ofCall) {
          expect(baseOffset).toBe(next.get(partition) ?? base(partition));
          expect(appendTimeMs).toBe(7);
          next.set(partition, baseOffset + count);
        }
      });
    }),
  );
});

test('what is too large is refused before anything is sent', () => {
  const tooLarge = expect.objectContaining({ code: 'too_large' });
  expect(() => appendCall('t', 1, [record(0), record(0, MAX_RECORD_BYTES + 1)])).toThrow(tooLarge);
  const many = Array.from({ length: 5 }, () => record(0, MAX_PARTITION_APPEND_BYTES / 4));
  expect(() => appendCall('t', 1, many)).toThrow(tooLarge);
});

test.each([-1, 2, 0.5, Number.NaN])('there is no partition %d of two', (partition) => {
  expect(() => appendCall('t', 2, [record(partition)])).toThrow(expect.objectContaining({ code: 'bad_request' }));
});

test('bytes go as buffers, null stays null, and a tick gets a key', () => {
  const bytes = new Uint8Array([0, 255]);
  const tick = { partition: 0, key: null, value: null, headers: { [TICK_HEADER]: bytes } };
  const { messages } = appendCall('t', 1, [{ partition: 0, key: null, value: bytes }, tick]);
  expect(messages[0]).toEqual({ partition: 0, key: null, value: Buffer.from(bytes) });
  expect(messages[1]).toMatchObject({ key: Buffer.from('ebap-tick'), value: null });
});
