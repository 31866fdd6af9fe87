import { expect, test } from 'vitest';
import { OutcomeLedger } from './ledger.ts';

const MINUTE = 60_000;

function changed(ledger: OutcomeLedger): readonly unknown[] {
  const found: unknown[] = [];
  ledger.takeDirty((minuteMs, counts) => found.push([minuteMs, Object.fromEntries(counts)]));
  return found;
}

test('records are counted by outcome and minute of arrival, in absolute numbers', () => {
  const ledger = new OutcomeLedger();
  ledger.add('counted', 5);
  ledger.add('counted', 6);
  ledger.add('late', 7);
  expect(changed(ledger)).toEqual([[0, { counted: 2, late: 1 }]]);
  expect(changed(ledger)).toEqual([]);
  ledger.add('late', MINUTE - 1);
  expect(changed(ledger)).toEqual([[0, { counted: 2, late: 2 }]]);
});

test('a minute that ended since the last cut is told before the new one', () => {
  const ledger = new OutcomeLedger();
  ledger.add('counted', 5);
  ledger.add('dead:wrong_key', MINUTE);
  expect(changed(ledger)).toEqual([
    [0, { counted: 1 }],
    [MINUTE, { 'dead:wrong_key': 1 }],
  ]);
});

test('a minute goes on after a restore', () => {
  const ledger = new OutcomeLedger();
  expect(changed(OutcomeLedger.fromJSON(ledger.toJSON()))).toEqual([]);
  ledger.add('duplicate', 5);
  changed(ledger);
  const restored = OutcomeLedger.fromJSON(JSON.parse(JSON.stringify(ledger.toJSON())));
  expect(changed(restored)).toEqual([]);
  restored.add('duplicate', 6);
  expect(changed(restored)).toEqual([[0, { duplicate: 2 }]]);
});
