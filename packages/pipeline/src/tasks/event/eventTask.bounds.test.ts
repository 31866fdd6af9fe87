import { describe, expect, test } from 'vitest';
import { encodePartial, MAX_AMOUNT_UNITS, MAX_EVENT_BYTES, type RawEvent } from '../../contracts/index.ts';
import { cells, EventRun, merged } from '../../testing/eventRun.ts';
import {
  batchOf,
  change,
  eventRecord,
  HOUR,
  type Placed,
  rawEvent,
  referenceRecords,
  SECOND,
  T0,
  tick,
  uuid,
} from '../../testing/events.ts';

/** The references, and a workspace `jakarta` where one euro is a hundred: 100 million of them are 1e14 units. */
const REFERENCE = merged(
  'reference',
  ...referenceRecords(T0 - HOUR),
  change('workspaces', { id: 'jakarta', currency: 'IDR' }, { appendTimeMs: T0 - HOUR }),
  change('rates', { currency: 'IDR', rate: '0.01', valid_from: 0 }, { appendTimeMs: T0 - HOUR }),
);
const sound = (over: Partial<RawEvent> = {}): Placed => eventRecord(rawEvent(over), T0);
const purchase = (n: number, over: Partial<RawEvent> = {}): Placed =>
  sound({
    id: uuid(n),
    workspaceId: 'jakarta',
    action: 'purchase',
    amountUnits: MAX_AMOUNT_UNITS,
    currency: 'EUR',
    ...over,
  });

const run = (...records: readonly Placed[]): EventRun =>
  new EventRun().take([...REFERENCE, ...merged('events', ...records, tick(T0 + SECOND))]);
const reasons = ({ outputs }: EventRun): readonly string[] =>
  outputs.flatMap((o) => o.deadLetters).map((d) => d.reason);

describe('sums of sales stay exact:', () => {
  test('an amount of ten billion in the workspace’s currency is counted, one above it is an invalid_amount', () => {
    const dearer = change('rates', { currency: 'USD', rate: '1.01', valid_from: 0 }, { appendTimeMs: T0 - HOUR });
    const events = merged('events', purchase(1), purchase(2, { currency: 'USD' }), tick(T0 + SECOND));
    const runs = new EventRun().take([...REFERENCE, ...merged('reference', dearer), ...events]);
    expect(reasons(runs)).toEqual(['invalid_amount']);
    expect(cells(runs.outputs).get(`jakarta additive ${T0} *`)).toEqual([0, 0, 1, 0, 1e14]);
  });

  test('what would lift a pane’s sum over the safe integers is an invalid_amount, what still fits is counted', () => {
    const many = Array.from({ length: 91 }, (_, n) => purchase(n));
    const small = purchase(100, { amountUnits: 10_000 });
    const runs = run(...many, small, purchase(101, { timestampMs: T0 + 10 * SECOND }));
    expect(reasons(runs)).toEqual(['invalid_amount']);
    expect(cells(runs.outputs).get(`jakarta additive ${T0} *`)).toEqual([0, 0, 91, 0, 90e14 + 1e6]);
    expect(cells(runs.outputs).get(`jakarta additive ${T0 + 10 * SECOND} *`)).toEqual([0, 0, 1, 0, 1e14]);
    for (const { partials } of runs.outputs)
      for (const { message } of partials) expect(encodePartial(message).length).toBeGreaterThan(0);
  });
});

describe('a dead letter’s payload', () => {
  test('is a copy, also of a batch whose bytes are a Buffer', () => {
    const runs = new EventRun();
    const packed = batchOf([{ ...sound(), key: null }, tick(T0 + SECOND)]);
    const batch = { ...packed, bytes: Buffer.from(packed.bytes) };
    runs.task.step(2, batch, 0, 1);
    batch.bytes.fill(0);
    const { outputs } = runs.task.step(2, batch, 1, 2);
    expect([...(outputs?.deadLetters[0]?.payload ?? [])]).toEqual([...packed.bytes]);
  });

  test.each([MAX_EVENT_BYTES - 1, MAX_EVENT_BYTES, MAX_EVENT_BYTES + 1, 900_000])(
    'of a value of %i bytes holds its first 32 KiB at most',
    (size) => {
      const value = Uint8Array.from({ length: size }, (_, i) => (i % 250) + 1);
      const letter = run({ ...sound(), value }).outputs.flatMap((o) => o.deadLetters)[0];
      expect(letter?.payload).toEqual(value.slice(0, 32_768));
    },
  );
});

describe('a record is what it says:', () => {
  test('a byte order mark makes another workspace', () => {
    const runs = run(sound({ workspaceId: '\uFEFFmeridian' }));
    expect(runs.outputs.flatMap((o) => o.deadLetters)).toMatchObject([
      { workspace: '_system', reason: 'unknown_workspace' },
    ]);
  });

  test('a byte order mark stays in the feed’s texts', () => {
    const [feed] = run(sound({ itemId: '\uFEFFsku-1' })).outputs.flatMap((o) => o.feed);
    expect(feed?.cut.events[0]?.itemId).toBe('\uFEFFsku-1');
  });

  test('a record with the tick’s header and a value is a record', () => {
    const runs = run({ ...sound(), headers: { 'ebap-tick': Uint8Array.of(1) } });
    expect(cells(runs.outputs).get(`meridian ledger ${T0} counted`)).toEqual([1]);
  });

  test('a purchase with an empty currency is one in the workspace’s own', () => {
    const runs = run(sound({ action: 'purchase', amountUnits: 749_000, currency: '' }));
    expect(cells(runs.outputs).get(`meridian additive ${T0} *`)).toEqual([0, 0, 1, 0, 749_000]);
  });
});
