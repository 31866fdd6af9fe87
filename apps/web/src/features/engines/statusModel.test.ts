import { describe, expect, it } from 'vitest';
import type { EnginesView, Outage } from '../../server/engineStatus.ts';
import { NOTHING_KNOWN, type PollOutcome, type ShellStatus, step } from './statusModel.ts';

const kafka: Outage = {
  key: 'event_log',
  severity: 'outage',
  title: 'Kafka does not answer',
  effect: 'Ingestion answers 503.',
  recovered: 'Kafka is back',
  stopsLive: true,
  sinceMs: 900,
};
const database: Outage = {
  ...kafka,
  key: 'database',
  title: 'PostgreSQL does not answer',
  recovered: 'PostgreSQL is back',
};
const view = (...outages: Outage[]): PollOutcome & { view: EnginesView } => ({
  kind: 'view',
  view: { atMs: 1_000, outages, engines: null },
});

/** The status after rounds three seconds apart. */
const after = (...rounds: PollOutcome[]): ShellStatus =>
  rounds.reduce((status, round, i) => step(status, round, i * 3_000), NOTHING_KNOWN);
const keys = ({ outages }: ShellStatus) => outages.map(({ key }) => key);
const words = ({ over }: ShellStatus) => over.map(({ text }) => text);

describe('what the shell says', () => {
  it('an outage as long as the server tells of it, then for a moment that it is over', () => {
    expect(keys(after(view(kafka), view(kafka)))).toEqual(['event_log']);
    expect(words(after(view(kafka), view()))).toEqual(['Kafka is back']);
    expect(keys(after(view(kafka), view()))).toEqual([]);
    expect(words(after(view(kafka), view(), view()))).toEqual(['Kafka is back']);
    expect(words(after(view(kafka), view(), view(), view(), view()))).toEqual([]);
  });

  it('an outage that returns takes back that it was over', () => {
    const status = after(view(kafka), view(), view(kafka));
    expect([keys(status), words(status)]).toEqual([['event_log'], []]);
  });

  it('at once that nobody can be checked; in the server’s words where it has given them', () => {
    expect(after({ kind: 'unchecked' }).outages).toMatchObject([{ key: 'database', sinceMs: 0 }]);
    expect(after(view(kafka, database), { kind: 'unchecked' }).outages).toEqual([kafka, database]);
    expect(words(after(view(database), { kind: 'unchecked' }, view()))).toEqual(['PostgreSQL is back']);
    const row = {
      engine: 'database',
      label: 'PostgreSQL',
      state: 'up',
      sinceMs: 0,
      message: null,
      effect: '',
    } as const;
    const known: PollOutcome = { kind: 'view', view: { atMs: 1_000, outages: [], engines: [row] } };
    expect(after(known, { kind: 'unchecked' }).view?.engines).toMatchObject([{ state: 'down', sinceMs: 3_000 }]);
  });

  it('that the server is away after two rounds, since the first, and nothing older beside it', () => {
    expect(keys(after(view(), { kind: 'unreachable' }))).toEqual([]);
    const status = after(view(kafka), { kind: 'unreachable' }, { kind: 'unreachable' });
    expect(status.outages).toMatchObject([{ key: 'server', sinceMs: 3_000, stopsLive: true }]);
    expect(words(after(view(), { kind: 'unreachable' }, { kind: 'unreachable' }, view()))).toEqual([
      'EBAP can be reached again',
    ]);
  });

  it('that the server does not answer only after three rounds: it may have a lot to do', () => {
    const silent = { kind: 'silent' } as const;
    expect(keys(after(silent, silent))).toEqual([]);
    expect(after(view(), silent, silent, silent).outages).toMatchObject([
      { key: 'server', title: 'EBAP does not answer', sinceMs: 3_000 },
    ]);
  });

  it('nothing of one answer that failed, nor when nobody is signed in', () => {
    expect(keys(after({ kind: 'failed' }, { kind: 'failed' }))).toEqual([]);
    expect(keys(after({ kind: 'failed' }, { kind: 'failed' }, { kind: 'failed' }))).toEqual(['status']);
    expect(after(view(kafka), { kind: 'ended' })).toEqual(NOTHING_KNOWN);
  });
});
