/** `npm run test:cluster`: the suites against the real engines, which are started for the run. */
import { runSteps, summarise } from '../steps.ts';

const results = await runSteps([
  {
    name: 'cluster',
    command: [
      process.execPath,
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      'cluster',
      ...process.argv.slice(2),
    ],
  },
]);
process.exitCode = summarise(results) ? 0 : 1;
