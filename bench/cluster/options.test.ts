import { expect, test } from 'vitest';
import { parseClusterBenchOptions } from './options.ts';

test('all stages run in their order, whichever order they are named in', () => {
  expect(parseClusterBenchOptions([]).only).toEqual(['consume', 'steady', 'burst']);
  expect(parseClusterBenchOptions(['--only', 'burst,consume']).only).toEqual(['consume', 'burst']);
});

test('sizes and rates are options', () => {
  const args = ['--consume-events', '200000', '--burst-rate', '5000', '--steady-seconds', '30'];
  expect(parseClusterBenchOptions(args)).toMatchObject({
    consumeEvents: 200_000,
    burstRate: 5_000,
    burstSeconds: 300,
    steadySeconds: 30,
  });
});

test.each([
  [['--only', 'sleep'], /sleep/],
  [['--burst-rate', 'many'], /--burst-rate/],
  [['--speed', '1'], /speed/],
])('%j is refused', (args, problem) => {
  expect(() => parseClusterBenchOptions(args)).toThrow(problem);
});
