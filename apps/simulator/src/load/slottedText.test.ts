import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ID_TAIL_MARK, ISO_MARK, MS_MARK, SlottedText } from './slottedText.ts';

const times = fc.array(fc.integer({ min: 1_000_000_000_000, max: 4_000_000_000_000 }), { minLength: 1, maxLength: 20 });
const SEQUENCE = 0xbeef;
const TAIL = '00000000beef';

it('a filled copy is what replacing the marks line by line gives', () => {
  fc.assert(
    fc.property(times, fc.string(), (ms, extra) => {
      const line = (i: number): string => JSON.stringify({ id: `x-${ID_TAIL_MARK}`, n: i, t: ISO_MARK, extra });
      const text = new SlottedText(
        ms.map((_, i) => line(i)),
        ISO_MARK,
      );
      const plain = ms.map((t, i) => line(i).replace(ID_TAIL_MARK, TAIL).replace(ISO_MARK, new Date(t).toISOString()));
      expect(text.fill(SEQUENCE, (i) => ms[i] ?? 0).toString()).toBe(`${plain.join('\n')}\n`);
    }),
  );
});

it('times in ms are written as digits, and lines can be left out', () => {
  fc.assert(
    fc.property(times, fc.array(fc.nat(19)), (ms, without) => {
      const text = new SlottedText(
        ms.map((_, i) => `${ID_TAIL_MARK} ${MS_MARK} ü${i}`),
        MS_MARK,
      );
      const filled = text.fill(SEQUENCE, (i) => ms[i] ?? 0);
      const left = new Set(without);
      const plain = ms.map((t, i) => `${TAIL} ${t} ü${i}\n`).filter((_, i) => !left.has(i));
      expect(text.lines(filled, left).toString()).toBe(plain.join(''));
    }),
  );
});
