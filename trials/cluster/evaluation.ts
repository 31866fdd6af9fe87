import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PARTITIONS } from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import type { EventLog, HotStore } from '@ebap/pipeline/ports';
import { judge } from '../oracle/oracle.ts';
import { readEvidence } from '../processes/evidence.ts';
import { type Load, lostIdentities } from '../processes/load.ts';
import { until } from '../processes/tree.ts';
import type { ProfileChanges } from './profileChanges.ts';
import { missingUntil } from './recovery.ts';
import type { Stage } from './trialRun.ts';

export interface EvaluationParts {
  readonly stage: Stage;
  readonly stores: { readonly log: EventLog; readonly hot: HotStore };
  readonly load: Load;
  readonly changes: ProfileChanges;
  /** The load generator's file. */
  readonly out: string;
  readonly note: (text: string) => void;
}

export interface Evaluation {
  readonly passed: boolean;
  readonly differences: readonly string[];
  readonly figures: Readonly<Record<string, unknown>>;
}

const DRAINED_WITHIN_MS = 180_000;
const MINUTE_MS = 60_000;
/** A minute that is so old has been passed by all; one that ends so soon might end while everything stops. */
const MINUTE_MARGIN_MS = 10_000;
/** What a platform with engines that are away may answer. */
const FAIR_RETRIES = new Set(['no_answer', 'http_503', 'http_429', 'http_502']);

/** Lets everything run out, stops the product and compares log, hot store and what was acknowledged. */
export async function evaluate({ stage, stores, load, changes, out, note }: EvaluationParts): Promise<Evaluation> {
  const { platform, workspaces } = stage.scene;
  load.stop();
  const sent = await load.ended;
  await changes.stop();
  note('the load has ended');
  await untilDrained(stage);
  note('drained');
  await platform.stopProduct();
  const rawSchemaId = await platform.rawSchemaId();
  const { loss, startedMs } = stage;
  const evidence = {
    ...(await readEvidence({
      ...stores,
      partitions: PARTITIONS.cluster.keyed,
      rawSchemaId,
      workspaces,
      fromMs: startedMs,
    })),
    ignoreThroughMs: loss?.finalThroughMs ?? 0,
    ignoreLedgerBeforeMs: loss === null ? 0 : Math.floor(loss.lostAtMs / MINUTE_MS) * MINUTE_MS,
  };
  note('log and hot store read');
  const { acknowledged, lost } = await lostIdentities(out, evidence);
  const verdict = await judge(evidence);
  const unfair = Object.keys(sent.retries).filter((why) => !FAIR_RETRIES.has(why));
  const ends = [platform.web, ...platform.workers].filter((p) => p.unexpectedEnds > 0);
  const differences = [
    ...verdict.differences,
    ...unfair.map((why) => `the edge answered ${why} ${sent.retries[why]} times`),
    ...ends.map((p) => `${p.name} ended by itself ${p.unexpectedEnds} times`),
  ];
  return {
    passed: differences.length === 0 && lost === 0 && verdict.produced > 0,
    differences,
    figures: {
      acknowledged,
      lost,
      produced: verdict.produced,
      outcomes: verdict.outcomes,
      cellsCompared: verdict.cells,
      differences: verdict.differences.length,
      windowsExcusedThrough: loss === null ? null : new Date(loss.finalThroughMs).toISOString(),
      profileChanges: changes.commits,
      retries: sent.retries,
      edgeStalledMs: sent.stalledMs,
      stopsThatWereLate: [platform.web, ...platform.workers].reduce((sum, p) => sum + p.lateStops, 0),
      faultsInLogs: faultsIn(platform.logsDir),
    },
  };
}

/** Until everything on the log is counted, and every workspace is told past a minute that does not end just now. */
async function untilDrained({ hot, scene }: Stage): Promise<void> {
  const endedMs = Date.now();
  const [workspace = ''] = scene.workspaces;
  const isDrained = async (): Promise<boolean> => {
    const nowMs = Date.now();
    const minuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    if (nowMs < minuteMs + MINUTE_MARGIN_MS || nowMs > minuteMs + MINUTE_MS - 3 * MINUTE_MARGIN_MS) return false;
    if ((await missingUntil(hot, Math.max(endedMs, minuteMs))).length > 0) return false;
    const asOfMs = Number((await hot.readHash(hotKeys.progress(workspace))).get('asOfMs') ?? 0);
    return asOfMs > Math.max(endedMs, minuteMs) + 2_000;
  };
  await until(() => isDrained().catch(() => false), DRAINED_WITHIN_MS, 250);
}

/** Entries of level error in the programs' logs, by what they say. */
function faultsIn(logsDir: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of readdirSync(logsDir))
    for (const line of readFileSync(join(logsDir, name), 'utf8').split('\n')) {
      const what = faultOf(line);
      if (what !== null) counts[`${name}: ${what}`] = (counts[`${name}: ${what}`] ?? 0) + 1;
    }
  return counts;
}

function faultOf(line: string): string | null {
  if (line === '') return null;
  if (!line.startsWith('{')) return `not a log entry: ${line.slice(0, 120)}`;
  try {
    const entry = JSON.parse(line) as Readonly<Record<string, unknown>>;
    return entry.level === 'error' ? `${entry.message}: ${String(entry.error ?? '').slice(0, 160)}` : null;
  } catch {
    return null;
  }
}
