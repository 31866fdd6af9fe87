import { describe, expect, it } from 'vitest';
import { regionIndex } from './regions.ts';
import { conditionsAt, NORMAL, parseScenario, type ScenarioRun, scenarioEffect, scenarioRun } from './scenarios.ts';

const IRELAND = regionIndex('eu-west-1') ?? -1;
const TOKYO = regionIndex('ap-northeast-1') ?? -1;

function run(name: string, startMs = 0, region?: string, seconds?: number): ScenarioRun {
  const made = scenarioRun(name, startMs, region, seconds);
  if ('problem' in made) throw new Error(made.problem);
  return made;
}

describe('a scenario is a function of the seconds since its start', () => {
  it('before its start and after its end nothing is bent', () => {
    expect(scenarioEffect(run('spike-40s'), -0.001)).toEqual({});
    expect(scenarioEffect(run('spike-40s'), 40)).toEqual({});
    expect(conditionsAt([run('silence', 5_000)], 4_999)).toEqual(NORMAL);
  });

  it('region-overload triples the arrivals of one region within 30 s and lets its checkouts fail', () => {
    const half = scenarioEffect(run('region-overload'), 15);
    const full = scenarioEffect(run('region-overload'), 120);
    expect([half.arrivals?.[IRELAND], full.arrivals?.[IRELAND], full.arrivals?.[TOKYO]]).toEqual([2, 3, 1]);
    expect(full.checkoutFailure?.[IRELAND]).toBe(0.6);
    expect(full.checkoutFailure?.[TOKYO]).toBe(0.01);
  });

  it('spike-40s adds four times the normal traffic of one region for 40 s', () => {
    const effect = scenarioEffect(run('spike-40s', 0, 'ap-northeast-1'), 39.9);
    expect([effect.rush?.[TOKYO], effect.rush?.[IRELAND]]).toEqual([4, 0]);
  });

  it('checkout-failure fails every payment everywhere', () => {
    expect(new Set(scenarioEffect(run('checkout-failure'), 599).checkoutFailure)).toEqual(new Set([1]));
  });

  it('ios-release takes 60 % of the purchases on iOS alone, and stays', () => {
    expect(scenarioEffect(run('ios-release'), 1e9).purchase).toEqual([1, 0.4, 1]);
  });

  it('silence silences', () => {
    expect(scenarioEffect(run('silence', 0, undefined, 30), 29)).toEqual({ silent: true });
  });

  it('scenarios combine: arrivals multiply, rushes add up, the worst failure counts', () => {
    const runs = [run('region-overload'), run('region-overload'), run('spike-40s'), run('checkout-failure')];
    const now = conditionsAt(runs, 35_000);
    expect(now.arrivals[IRELAND]).toBe(9);
    expect(now.rush[IRELAND]).toBe(4);
    expect(now.checkoutFailure[IRELAND]).toBe(1);
  });
});

describe('settings and flags', () => {
  it('reads a name, a delay, a region and a duration', () => {
    expect(parseScenario('spike-40s@60:region=us-east-1,duration=20', 1_000)).toEqual({
      name: 'spike-40s',
      startMs: 61_000,
      region: 'us-east-1',
      durationSeconds: 20,
    });
  });

  it('a name is enough', () => {
    expect(parseScenario('ios-release', 5)).toEqual({
      name: 'ios-release',
      startMs: 5,
      region: 'eu-west-1',
      durationSeconds: Number.POSITIVE_INFINITY,
    });
  });

  it.each([
    ['Spike!', /is not name/],
    ['flood', /no scenario "flood"/],
    ['spike-40s:region=mars-1', /no region "mars-1"/],
    ['spike-40s:duration=-1', /seconds/],
    ['spike-40s:speed=2', /no option "speed"/],
  ])('says what is wrong with %s', (text, problem) => {
    expect(parseScenario(text, 0)).toEqual({ problem: expect.stringMatching(problem) });
  });
});
