/**
 * `node trials/processes/killTrials.ts [--kills 50] [--rate 5000] [--seed 1]`: kill -9 of the worker, and of the whole
 * tree, under load through the HTTP edge; then the oracle over what is on disk.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { judge } from '../oracle/oracle.ts';
import { Random } from '../sim/random.ts';
import { readEmbeddedEvidence } from './evidence.ts';
import { lostIdentities, startLoad } from './load.ts';
import { Tree, until } from './tree.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    rate: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    port: { type: 'string', default: '47310' },
    keep: { type: 'boolean', default: false },
  },
});
const KILLS = Number(values.kills);
const RATE = Number(values.rate);
const root = join(import.meta.dirname, '..', '..');
const random = new Random(Number(values.seed));
const RAW_SCHEMA_ID = 1;
/** A second of load, or nothing to speak of, is still to be taken in. */
const CAUGHT_UP_RECORDS = RATE;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function lag(tree: Tree): Promise<number> {
  const text = await (await fetch(`${tree.workerUrl}/metrics`, { signal: AbortSignal.timeout(2_000) })).text();
  const lags = [...text.matchAll(/^ebap_task_lag_records\{task="event",partition="\d+"\} (\d+)$/gm)].map((m) =>
    Number(m[1]),
  );
  return lags.length < 4 ? Number.POSITIVE_INFINITY : lags.reduce((a, b) => a + b, 0);
}

const isCaughtUp = async (tree: Tree, records: number): Promise<boolean> =>
  (await lag(tree).catch(() => Number.POSITIVE_INFINITY)) <= records;

const dir = await mkdtemp(join(tmpdir(), 'ebap-kill-'));
const dataDir = join(dir, 'data');
const tree = new Tree({ root, dataDir, port: Number(values.port), logFile: join(dir, 'tree.log') });
const startedMs = Date.now();
const recoveries: { readonly what: string; readonly ms: number }[] = [];
try {
  await tree.start();
  const out = join(dir, 'sent.ndjson');
  const load = startLoad({
    root,
    url: tree.url,
    keyFile: tree.keyFile('demo-api-key'),
    ratePerSecond: RATE,
    seconds: KILLS * 9 + 10,
    users: 20_000,
    seed: Number(values.seed),
    drainSeconds: 120,
    out,
  });
  await pause(4_000);
  for (let n = 0; n < KILLS; n++) {
    const whole = random.chance(0.2);
    const killedMs = Date.now();
    if (whole) {
      tree.killAll();
      await tree.start();
    } else tree.killService('worker');
    await pause(300);
    await until(() => isCaughtUp(tree, CAUGHT_UP_RECORDS), 60_000, 50);
    recoveries.push({ what: whole ? 'tree' : 'worker', ms: Date.now() - killedMs });
    console.error(
      `kill ${n + 1}/${KILLS}: ${whole ? 'whole tree' : 'worker'}, caught up after ${Date.now() - killedMs} ms`,
    );
    await pause(random.int(3_000));
  }
  await load.ended;
  await until(() => isCaughtUp(tree, 0), 60_000);
  await pause(5_000);
  await tree.stop();
  const evidence = await readEmbeddedEvidence(dataDir, RAW_SCHEMA_ID, ['meridian', 'acme', '_system'], startedMs);
  const verdict = await judge(evidence);
  const { acknowledged, lost } = await lostIdentities(out, evidence);
  const worst = (what: string): number => Math.max(0, ...recoveries.filter((r) => r.what === what).map((r) => r.ms));
  const passed = verdict.differences.length === 0 && lost === 0 && verdict.produced > 0;
  for (const difference of verdict.differences) console.log(`  ${difference}`);
  console.log(
    JSON.stringify({
      trial: 'kills',
      kills: recoveries.length,
      wholeTree: recoveries.filter((r) => r.what === 'tree').length,
      ratePerSecond: RATE,
      acknowledged,
      lost,
      produced: verdict.produced,
      outcomes: verdict.outcomes,
      cellsCompared: verdict.cells,
      differences: verdict.differences.length,
      slowestCatchUpMs: { worker: worst('worker'), tree: worst('tree') },
      seconds: Math.round((Date.now() - startedMs) / 1_000),
    }),
  );
  console.log(`kills: ${passed ? 1 : 0} passed, ${passed ? 0 : 1} failed`);
  process.exitCode = passed ? 0 : 1;
} finally {
  tree.killAll();
  if (!values.keep && process.exitCode === 0) await rm(dir, { recursive: true, force: true });
  else console.error(`kept: ${dir}`);
}
