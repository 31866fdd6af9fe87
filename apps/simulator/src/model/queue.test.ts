import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TimeQueue } from './queue.ts';

it('gives items by time, equal times in the order they came, whatever is mixed in between', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: null })), (operations) => {
      const queue = new TimeQueue<{ timeMs: number; order: number; name: number }>();
      let plain: { timeMs: number; name: number }[] = [];
      operations.forEach((timeMs, name) => {
        if (timeMs !== null) {
          queue.push({ timeMs, order: 0, name });
          plain = [...plain, { timeMs, name }].sort((a, b) => a.timeMs - b.timeMs || a.name - b.name);
          return;
        }
        expect(queue.nextMs).toBe(plain[0]?.timeMs ?? Number.POSITIVE_INFINITY);
        expect(queue.pop()?.name).toBe(plain.shift()?.name);
      });
      expect(queue.size).toBe(plain.length);
    }),
  );
});
