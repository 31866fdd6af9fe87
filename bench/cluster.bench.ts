/**
 * `npm run bench:cluster [-- --only consume,steady,burst …]`: the product on real engines, stage after stage, each on a
 * platform of its own that is gone afterwards. One JSON line and a table per stage; kept in bench/results/. See
 * bench/README.md for what the figures mean. The exit code is 1 when a stage failed, or what it must account for is not
 * all there.
 */

import { cp, mkdir } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { exitWithParent } from '@ebap/adapters/process';
import { isAppError } from '@ebap/pipeline/errors';
import { burstStage } from './cluster/burst/burstStage.ts';
import { consumeStage } from './cluster/consume/consumeStage.ts';
import { Ending } from './cluster/ending.ts';
import { type ClusterBenchOptions, parseClusterBenchOptions, type StageName, USAGE } from './cluster/options.ts';
import type { Stage, StageResult } from './cluster/stage.ts';
import { steadyStage } from './cluster/steady/steadyStage.ts';
import { fileTime, printTable, RESULTS_DIR, saveResults } from './report.ts';

const STAGE: Readonly<Record<StageName, Stage>> = { consume: consumeStage, steady: steadyStage, burst: burstStage };
/** What a shell reports for a program that Ctrl-C ended. */
const EXIT_CODE_INTERRUPTED = 130;
const EXIT_CODE_USAGE = 2;
const END_WITHIN_MS = 90_000;

const root = join(import.meta.dirname, '..');
const startedMs = performance.now();
let current: Ending | null = null;

function optionsOrExit(): ClusterBenchOptions {
  try {
    const options = parseClusterBenchOptions(process.argv.slice(2));
    if (!options.help) return options;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    if (!isAppError(error, 'configuration')) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(EXIT_CODE_USAGE);
  }
}

function noteOf(stage: StageName): (text: string) => void {
  return (text) => {
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1).padStart(7);
    console.error(`${seconds} s  load ${loadavg()[0]?.toFixed(1)}  ${stage}: ${text}`);
  };
}

async function keepLogs(stage: StageName, folder: string): Promise<void> {
  const kept = join(RESULTS_DIR, `${fileTime()}-${stage}-logs`);
  await mkdir(RESULTS_DIR, { recursive: true });
  await cp(folder, kept, { recursive: true });
  console.error(`logs kept: ${kept}`);
}

/** Runs one stage, ends all that it started, and never throws. */
async function runStage(name: StageName, options: ClusterBenchOptions, late: Promise<never>): Promise<StageResult> {
  const ending = new Ending();
  current = ending;
  const note = noteOf(name);
  const keep = (folder: string): Promise<void> => keepLogs(name, folder);
  let result: StageResult;
  try {
    const running = STAGE[name]({ root, options, ending, note, keep });
    running.catch(() => {}); // when it is too late, its end is of no interest
    result = await Promise.race([running, late]);
  } catch (error) {
    note(`ended: ${error instanceof Error ? error.stack : String(error)}`);
    result = { figures: {}, failures: [error instanceof Error ? error.message : String(error)] };
  }
  note('ending what was started');
  await ending.run(result.failures.length > 0);
  current = null;
  return result;
}

const endAll = (): Promise<void> => current?.run(false) ?? Promise.resolve();
const options = optionsOrExit();
exitWithParent(process.env, { stop: endAll, graceMs: END_WITHIN_MS });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    console.error('ending what was started …');
    void endAll().finally(() => process.exit(EXIT_CODE_INTERRUPTED));
  });
const { promise: late, reject: endLate } = Promise.withResolvers<never>();
late.catch(() => {});
const timer = setTimeout(() => endLate(new Error(`not within ${options.minutes} minutes`)), options.minutes * 60_000);
timer.unref();

const lines: string[] = [];
let failed = 0;
for (const name of options.only) {
  const loadBefore = loadavg()[0];
  const stageMs = performance.now();
  const { figures, failures } = await runStage(name, options, late);
  if (failures.length > 0) failed++;
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, loadAverageBefore: loadBefore };
  const stageSeconds = Math.round((performance.now() - stageMs) / 1_000);
  const result = {
    bench: `cluster-${name}`,
    passed: failures.length === 0,
    failures,
    ...figures,
    machine,
    stageSeconds,
  };
  lines.push(JSON.stringify(result));
  console.log(JSON.stringify(result));
  printTable(result.bench, result);
}
console.error(`\nkept: ${await saveResults(lines, 'cluster')}`);
process.exit(failed === 0 ? 0 : 1);
