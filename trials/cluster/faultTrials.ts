/**
 * `node trials/cluster/faultTrials.ts [--trials 200] [--rate 1000] [--seed 1] [--only "kafka killed"]…`: the product on
 * real engines under load through the HTTP edge, fault after fault, a look at the recovery after each; then the oracle
 * over Kafka's topics and Redis's hashes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLoad } from '../processes/load.ts';
import { Random } from '../sim/random.ts';
import { Acknowledged } from './acknowledged.ts';
import { evaluate } from './evaluation.ts';
import { drawFaults, FAULTS } from './faults.ts';
import { Platform } from './platform.ts';
import { ProfileChanges } from './profileChanges.ts';
import { load as loadAverage, runTrial, type Stage, summarise, type Trial } from './trialRun.ts';

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '200' },
    rate: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '120' },
    keep: { type: 'boolean', default: false },
  },
});
const WORKSPACES = ['meridian', 'acme', '_system'];
const USERS = 5_000;
const SETTLE_MS = 5_000;
const BETWEEN_MS = 1_500;

const root = join(import.meta.dirname, '..', '..');
const startedMs = Date.now();
const note = (text: string): void =>
  console.error(`${((Date.now() - startedMs) / 1_000).toFixed(1).padStart(7)} s  load ${loadAverage()}  ${text}`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const random = new Random(Number(values.seed));
const kinds = values.only ?? Object.keys(FAULTS);
for (const kind of kinds) if (!(kind in FAULTS)) throw new Error(`no fault is called ${kind}`);
const plan = drawFaults(kinds, Number(values.trials), random);
const endMs = startedMs + Number(values.minutes) * 60_000;

const dir = await mkdtemp(join(tmpdir(), 'ebap-faults-'));
const platform = await Platform.make(root, dir, note);
const trials: Trial[] = [];
let passed = false;
const endNow = (): void => {
  void platform.end().finally(() => process.exit(130));
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, endNow);
process.once('exit', () => void platform.end());
try {
  await platform.start(Number(values.workers));
  const out = join(dir, 'sent.ndjson');
  const changes = new ProfileChanges(
    platform.cluster.addresses.postgresUrl,
    USERS,
    new Random(Number(values.seed) + 1),
  );
  changes.start();
  const load = startLoad({
    root,
    url: platform.url,
    keyFile: platform.keyFile,
    ratePerSecond: Number(values.rate),
    seconds: Number(values.minutes) * 60 + 600,
    users: USERS,
    seed: Number(values.seed),
    drainSeconds: 120,
    out,
  });
  process.once('exit', () => load.kill());
  const stores = await platform.openStores();
  const stage: Stage = {
    scene: { platform, random, workspaces: WORKSPACES, workers: Number(values.workers) },
    hot: stores.hot,
    acknowledged: new Acknowledged(out),
    startedMs,
    note,
    loss: null,
  };
  await pause(SETTLE_MS);
  for (const kind of plan) {
    if (Date.now() > endMs) break;
    const trial = await runTrial(kind, stage);
    trials.push(trial);
    note(
      `${trials.length}/${plan.length} ${kind}: caught up after ${trial.caughtUpMs} ms, accounted for ${trial.accountedMs} ms later${trial.why === null ? '' : `  FAILED: ${trial.why}`}`,
    );
    if (trial.caughtUpMs === null) break;
    await pause(random.int(BETWEEN_MS));
  }
  const result = await evaluate({ stage, stores, load, changes, out, note });
  for (const difference of result.differences) console.log(`  ${difference}`);
  const failed = trials.filter((t) => !t.passed).length;
  passed = failed === 0 && result.passed;
  console.log(
    JSON.stringify({
      trial: 'cluster faults',
      trials: trials.length,
      failed,
      seed: Number(values.seed),
      ratePerSecond: Number(values.rate),
      ...result.figures,
      kinds: summarise(trials),
      loadAverage: loadAverage(),
      seconds: Math.round((Date.now() - startedMs) / 1_000),
    }),
  );
  const oracle = result.passed ? 1 : 0;
  console.log(`cluster faults: ${trials.length - failed + oracle} passed, ${failed + 1 - oracle} failed`);
} catch (error) {
  note(`the run ended: ${error instanceof Error ? error.stack : String(error)}`);
  console.log(`cluster faults: ${trials.filter((t) => t.passed).length} passed, 1 failed (the run did not end)`);
} finally {
  await platform.end();
  if (passed && !values.keep) await rm(dir, { recursive: true, force: true });
  else console.error(`kept: ${dir}`);
}
process.exit(passed ? 0 : 1);
