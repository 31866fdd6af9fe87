/** `npm run test:cluster`: the suites against the real engines, which are started for the run. */
import { runSteps, summarise } from '../steps.ts';

const paths = process.argv.slice(2);
const results = await runSteps([
  {
    name: 'cluster',
    command: [
      process.execPath,
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      'cluster',
      // Of all of it or of nothing: a part alone can't reach the whole's threshold.
      ...(paths.length === 0 ? ['--coverage'] : paths),
    ],
  },
]);
process.exitCode = summarise(results) ? 0 : 1;
