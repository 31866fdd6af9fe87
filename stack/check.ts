/** `npm run check`: types, lint and format, dependency boundaries, the Compose file. Every check runs, whatever the others say. */
import { runSteps, type Step, summarise } from './steps.ts';

const steps: readonly Step[] = [
  {
    name: 'types, lint, boundaries',
    command: [
      'node_modules/.bin/turbo',
      ...['run', 'types', 'lint', 'boundaries'],
      ...['--continue=always', '--output-logs=errors-only', '--log-order=grouped'],
    ],
  },
  { name: 'compose file', command: [process.execPath, 'stack/compose/check.ts'] },
];

const results = await runSteps(steps, { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' });
process.exitCode = summarise(results) ? 0 : 1;
