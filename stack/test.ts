/** `npm test`: checks, unit and conformance tests with coverage, the simulation, and the journeys in a browser. */
import { findChromium } from './browser/findChromium.ts';
import { runSteps, type Step, type StepResult, summarise } from './steps.ts';

const SIMULATION_SEEDS = 200;
const VITEST = 'node_modules/vitest/vitest.mjs';

const steps: Step[] = [
  { name: 'check', command: [process.execPath, 'stack/check.ts'] },
  {
    name: 'unit and conformance',
    command: [process.execPath, VITEST, 'run', '--coverage', '--project', 'unit', '--project', 'conformance'],
  },
  {
    name: `${SIMULATION_SEEDS} simulation seeds`,
    command: [process.execPath, 'trials/simulate.ts', '--seeds', String(SIMULATION_SEEDS)],
  },
];
const results: StepResult[] = await runSteps(steps);

const browser = findChromium(process.env);
if (browser.found) {
  const journeys: Step = {
    name: 'browser journeys',
    command: [process.execPath, 'node_modules/@playwright/test/cli.js', 'test', '--config', 'e2e/playwright.config.ts'],
  };
  results.push(...(await runSteps([journeys], { EBAP_CHROMIUM: browser.path })));
} else {
  console.error(`\n${browser.advice}`);
  results.push({ name: 'browser journeys', passed: false, durationMs: 0 });
}
process.exitCode = summarise(results) ? 0 : 1;
