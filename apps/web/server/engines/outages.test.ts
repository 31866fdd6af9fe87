import { describe, expect, it } from 'vitest';
import type { EngineId, EngineState, EngineStatus } from '../../src/server/engineStatus.ts';
import { enginesView } from './outages.ts';

const LABELS: Readonly<Record<EngineId, string>> = {
  database: 'PostgreSQL',
  event_log: 'Kafka',
  hot_store: 'Redis',
  schema_registry: 'Schema Registry',
  change_capture: 'Kafka Connect',
  source_database: 'The customer database',
  workers: 'Stream workers',
};
const ALL = Object.keys(LABELS) as EngineId[];
const engine = (id: EngineId, state: EngineState, sinceMs = 5_000): EngineStatus => ({
  engine: id,
  label: LABELS[id],
  state,
  sinceMs,
  message: state === 'up' ? null : 'It says so.',
});
const plain = (...all: EngineStatus[]) => enginesView(all, false, 9_000).outages;

describe('who may see the pipeline', () => {
  it('sees every engine by name, and every outage with what still works', () => {
    const { outages, engines } = enginesView([engine('event_log', 'down'), engine('hot_store', 'up')], true, 9_000);
    expect(engines?.map(({ label, state }) => [label, state])).toEqual([
      ['Kafka', 'down'],
      ['Redis', 'up'],
    ]);
    expect(outages).toMatchObject([{ key: 'event_log', title: 'Kafka does not answer', sinceMs: 5_000 }]);
    expect(outages[0]?.effect).toContain('503');
  });

  it('is told of an impairment by what the engine says', () => {
    const { outages } = enginesView([engine('change_capture', 'degraded')], true, 9_000);
    expect(outages).toMatchObject([{ title: 'Kafka Connect is impaired', severity: 'limited', stopsLive: false }]);
    expect(outages[0]?.effect).toMatch(/^It says so\. /);
  });

  it('the oldest outage stands first', () => {
    const view = enginesView([engine('hot_store', 'down', 8_000), engine('event_log', 'down', 7_000)], true, 9_000);
    expect(view.outages.map(({ key }) => key)).toEqual(['event_log', 'hot_store']);
  });
});

describe('everybody else', () => {
  it.each(ALL)('is told of an outage of %s without the names of engines', (id) => {
    for (const state of ['down', 'degraded'] as const) {
      const view = enginesView([engine(id, state)], false, 9_000);
      expect(view.engines).toBeNull();
      expect(view.outages).toHaveLength(1);
      expect(JSON.stringify(view)).not.toMatch(/Kafka|Redis|PostgreSQL|Registry|503|says so/);
    }
  });

  it('is told each meaning once', () => {
    expect(plain(engine('hot_store', 'down'), engine('workers', 'down')).map(({ title }) => title)).toEqual([
      'Live numbers stand still',
    ]);
    expect(plain(engine('change_capture', 'down'), engine('source_database', 'down'))).toHaveLength(1);
  });

  it('is told nothing while all is well', () => expect(plain(...ALL.map((id) => engine(id, 'up')))).toEqual([]));
});
