import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SequenceLedger } from './sequenceLedger.ts';

const TAG = new Set(['acme']);
const stored = (...topics: readonly (readonly [string, number])[]) => new Map([['acme', new Map(topics)]]);
const change = (before: number, sequence: number) => ({ topic: 't', before, sequence, keys: ['k'] });

describe('the ledger of sequences', () => {
  test('what follows on what was told says which keys changed', () => {
    const ledger = new SequenceLedger();
    expect(ledger.hear('acme', change(0, 10))).toEqual({ topic: 't', sequence: 10, keys: ['k'] });
    expect(ledger.hear('acme', change(10, 11))).toEqual({ topic: 't', sequence: 11, keys: ['k'] });
  });

  test.each([
    ['a message was missed', 12, 13],
    ['the topic was lost', 0, 20],
    ['the topic went back', 9, 20],
  ])('when %s all may have changed', (_, before, sequence) => {
    const ledger = new SequenceLedger();
    ledger.hear('acme', change(0, 10));
    expect(ledger.hear('acme', change(before, sequence))).toEqual({ topic: 't', sequence, keys: null });
  });

  test('what was read already is not told again', () => {
    const ledger = new SequenceLedger();
    ledger.compare(TAG, stored(['t', 11]));
    expect(ledger.hear('acme', change(9, 10))).toBeNull();
    expect(ledger.hear('acme', change(11, 12))?.keys).toEqual(['k']);
  });

  test.each([
    ['higher', stored(['t', 12]), 12],
    ['lower', stored(['t', 9]), 9],
    ['gone', stored(), 0],
  ])('after a break in the connection a sequence that is %s is a gap', (_, read, sequence) => {
    const ledger = new SequenceLedger();
    ledger.hear('acme', change(0, 10));
    expect(ledger.compare(TAG, read)).toEqual([{ topic: 't', sequence, keys: null }]);
    expect(ledger.compare(TAG, read)).toEqual([]);
  });

  test('a tag that nobody names any more has lost its topics; one that can not be read keeps them', () => {
    const ledger = new SequenceLedger();
    ledger.hear('acme', change(0, 10));
    expect(ledger.compare(TAG, new Map())).toEqual([]);
    expect(ledger.compare(new Set(), new Map())).toEqual([{ topic: 't', sequence: 0, keys: null }]);
  });

  test('beside listening a difference counts when it stays', () => {
    const ledger = new SequenceLedger();
    ledger.hear('acme', change(0, 10));
    expect(ledger.lookAgain(TAG, stored(['t', 11]))).toEqual([]);
    expect(ledger.hear('acme', change(10, 11))?.keys).toEqual(['k']);
    expect(ledger.lookAgain(TAG, stored(['t', 12]))).toEqual([]);
    expect(ledger.lookAgain(TAG, stored(['t', 13]))).toEqual([{ topic: 't', sequence: 13, keys: null }]);
    expect(ledger.lookAgain(TAG, stored(['t', 13]))).toEqual([]);
  });

  test('whatever is dropped, lost or set back: who reads all at each gap has read every key at its newest', () => {
    const step = fc.record({
      what: fc.constantFrom('flush', 'flush', 'flush', 'dropped', 'lost', 'setBack'),
      key: fc.constantFrom('a', 'b'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ledger = new SequenceLedger();
        let sequence = 0;
        let timeUs = 0;
        let values = new Map<string, number>();
        let saved = { sequence, values: new Map(values) };
        const shown = new Map<string, number | undefined>();
        const show = (keys: readonly string[] | null) => {
          for (const key of keys ?? ['a', 'b']) shown.set(key, values.get(key));
        };
        steps.forEach(({ what, key }, i) => {
          timeUs += 10;
          if (i % 7 === 0) saved = { sequence, values: new Map(values) };
          if (what === 'lost') [sequence, values] = [0, new Map()];
          else if (what === 'setBack') [sequence, values] = [saved.sequence, new Map(saved.values)];
          else {
            const before = sequence;
            sequence = Math.max(before + 1, timeUs);
            values.set(key, timeUs);
            if (what === 'dropped') return;
            const told = ledger.hear('acme', { topic: 't', before, sequence, keys: [key] });
            if (told !== null) show(told.keys);
          }
        });
        const read = sequence === 0 ? stored() : stored(['t', sequence]);
        for (const told of ledger.compare(TAG, read)) show(told.keys);
        for (const key of ['a', 'b']) expect(shown.get(key)).toBe(values.get(key));
      }),
    );
  });
});
