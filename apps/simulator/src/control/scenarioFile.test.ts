import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseControl, ScenarioFile } from './scenarioFile.ts';

describe('the content of the control file', () => {
  it('lists what goes on', () => {
    const text =
      '{"scenarios":[{"name":"spike-40s","startedAtMs":5,"region":"us-east-1"},{"name":"silence","startedAtMs":6,"durationSeconds":9}]}';
    expect(parseControl(text)).toEqual({
      kind: 'scenarios',
      runs: [
        { name: 'spike-40s', startMs: 5, region: 'us-east-1', durationSeconds: 40 },
        { name: 'silence', startMs: 6, region: 'eu-west-1', durationSeconds: 9 },
      ],
    });
  });

  it.each([
    ['{', /not JSON/],
    ['[]', /no list/],
    ['{"scenarios":[{"name":"silence"}]}', /startedAtMs/],
    ['{"scenarios":[{"name":"flood","startedAtMs":1}]}', /no scenario/],
    ['{"scenarios":[{"name":"silence","startedAtMs":1,"region":5}]}', /region/],
    ['{"scenarios":[{"name":"silence","startedAtMs":1,"durationSeconds":"x"}]}', /durationSeconds/],
  ])('%s is unreadable', (text, problem) => {
    expect(parseControl(text)).toEqual({ kind: 'unreadable', problem: expect.stringMatching(problem) });
  });
});

describe('the control file', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ebap-simulator-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is read when it changes; taken away, nothing goes on', async () => {
    const path = join(folder, 'simulator.json');
    const file = new ScenarioFile(path);
    expect(await file.read()).toEqual({ kind: 'unchanged' });
    await writeFile(path, '{"scenarios":[{"name":"silence","startedAtMs":1}]}');
    expect(await file.read()).toMatchObject({ kind: 'scenarios', runs: [{ name: 'silence' }] });
    expect(await file.read()).toEqual({ kind: 'unchanged' });
    await rm(path);
    expect(await file.read()).toEqual({ kind: 'scenarios', runs: [] });
    expect(await file.read()).toEqual({ kind: 'unchanged' });
  });

  it('has the status beside it', async () => {
    const path = join(folder, 'simulator.json');
    await new ScenarioFile(path).writeStatus({ lagMs: 0 });
    expect(JSON.parse(await readFile(join(folder, 'simulator-status.json'), 'utf8'))).toEqual({ lagMs: 0 });
  });
});
