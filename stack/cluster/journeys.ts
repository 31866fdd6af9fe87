/** `npm run e2e:cluster`: the journeys in a browser over the product on real engines, which are started for the run. */
import { findChromium } from '../browser/findChromium.ts';
import { runSteps, summarise } from '../steps.ts';

const browser = findChromium(process.env);
if (browser.found) {
  const command = [
    process.execPath,
    'node_modules/@playwright/test/cli.js',
    'test',
    ...['--config', 'e2e/cluster.config.ts'],
    ...process.argv.slice(2),
  ] as const;
  const results = await runSteps([{ name: 'browser journeys on the cluster', command }], {
    EBAP_CHROMIUM: browser.path,
  });
  process.exitCode = summarise(results) ? 0 : 1;
} else {
  console.error(browser.advice);
  process.exitCode = 1;
}
