import { loadavg } from 'node:os';
import type { HotStore } from '@ebap/pipeline/ports';
import { until } from '../processes/tree.ts';
import type { Acknowledged } from './acknowledged.ts';
import { FAULTS, type Scene } from './faults.ts';
import type { HotLoss } from './hotLoss.ts';
import {
  eventsInWindows,
  type LedgerBound,
  type LedgerSums,
  ledgerBound,
  missingUntil,
  readLedgerSums,
} from './recovery.ts';

/** One fault and what came of it. */
export interface Trial {
  readonly kind: string;
  readonly passed: boolean;
  /** From the moment it was healed until all that lay on the log by then was taken in. */
  readonly caughtUpMs: number | null;
  /** From there until ledger and windows of the hot store held all that was acknowledged by the moment of healing. */
  readonly accountedMs: number | null;
  readonly why: string | null;
}

/** What the faults are done to, and how it is watched. */
export interface Stage {
  readonly scene: Scene;
  readonly hot: HotStore;
  readonly acknowledged: Acknowledged;
  readonly startedMs: number;
  readonly note: (text: string) => void;
  /** The newest loss of the hot store's content, and the windows excused by all of them. */
  loss: HotLoss | null;
}

const RECOVERED_WITHIN_MS = 120_000;
const ACCOUNTED_WITHIN_MS = 5_000;
/** A recovery that is late is a failure; one that does not come at all ends the faults. */
const GIVE_UP_MS = 180_000;
const LOOK_EVERY_MS = 200;
const TELL_EVERY_MS = 5_000;

/** Does one fault, waits for the recovery and checks it. */
export async function runTrial(kind: string, stage: Stage): Promise<Trial> {
  const fault = FAULTS[kind];
  if (fault === undefined) throw new Error(`no fault is called ${kind}`);
  const loss = await fault(stage.scene);
  if (loss !== null) stage.loss = laterLoss(stage.loss, loss);
  const { hot } = stage;
  const healedMs = Date.now();
  const bound = ledgerBound(stage.acknowledged, stage.startedMs, stage.loss?.lostAtMs ?? null);
  let missing: readonly string[] = ['no look at the hot store succeeded'];
  let toldMs = healedMs;
  const isCaughtUp = async (): Promise<boolean> => {
    missing = await missingUntil(hot, healedMs).catch((error: unknown) => [String(error)]);
    if (missing.length > 0 && Date.now() > toldMs + TELL_EVERY_MS) {
      toldMs = Date.now();
      stage.note(`  ${kind}: still missing ${missing.length}: ${missing.slice(0, 4).join('; ')}`);
    }
    return missing.length === 0;
  };
  await until(isCaughtUp, GIVE_UP_MS, LOOK_EVERY_MS).catch(() => {});
  if (missing.length > 0)
    return {
      kind,
      passed: false,
      caughtUpMs: null,
      accountedMs: null,
      why: `no recovery within ${GIVE_UP_MS} ms: ${missing.slice(0, 10).join('; ')}`,
    };
  const caughtUpMs = Date.now() - healedMs;
  const accounted = await untilAccounted(stage, bound);
  const late = caughtUpMs > RECOVERED_WITHIN_MS ? `caught up only after ${caughtUpMs} ms` : null;
  const why = late ?? accounted.why;
  return { kind, passed: why === null, caughtUpMs, accountedMs: accounted.ms, why };
}

/** Until the ledger holds all that was acknowledged, and the windows' cells all that the ledger says was counted. */
async function untilAccounted(
  { hot, scene, startedMs }: Stage,
  bound: LedgerBound,
): Promise<{ readonly ms: number | null; readonly why: string | null }> {
  const [workspace = ''] = scene.workspaces;
  const fromMs = Date.now();
  let ledger: LedgerSums = { accounted: 0, counted: 0 };
  let inWindows = 0;
  const isAccounted = async (): Promise<boolean> => {
    ledger = await readLedgerSums(hot, workspace, bound);
    if (ledger.accounted < bound.atLeast) return false;
    inWindows = await eventsInWindows(hot, workspace, startedMs);
    return inWindows >= ledger.counted;
  };
  // Waits on when it is late, to tell late from lost.
  await until(() => isAccounted().catch(() => false), ACCOUNTED_WITHIN_MS * 6, LOOK_EVERY_MS).catch(() => {});
  const ms = Date.now() - fromMs;
  if (ledger.accounted < bound.atLeast)
    return { ms: null, why: `the ledger accounts for ${ledger.accounted} of ${bound.atLeast}` };
  if (inWindows < ledger.counted) return { ms: null, why: `the windows hold ${inWindows} of ${ledger.counted}` };
  return { ms, why: ms > ACCOUNTED_WITHIN_MS ? `accounted for only after ${ms} ms` : null };
}

function laterLoss(before: HotLoss | null, loss: HotLoss): HotLoss {
  return { ...loss, finalThroughMs: Math.max(before?.finalThroughMs ?? 0, loss.finalThroughMs) };
}

/** Per kind: how many, how many failed, and the slowest recovery. */
export function summarise(trials: readonly Trial[]): Readonly<Record<string, unknown>> {
  const kinds = [...new Set(trials.map((t) => t.kind))].sort();
  return Object.fromEntries(
    kinds.map((kind) => {
      const own = trials.filter((t) => t.kind === kind);
      return [
        kind,
        {
          trials: own.length,
          failed: own.filter((t) => !t.passed).length,
          slowestCaughtUpMs: Math.max(...own.map((t) => t.caughtUpMs ?? 0)),
          slowestAccountedMs: Math.max(...own.map((t) => t.accountedMs ?? 0)),
        },
      ];
    }),
  );
}

export const load = (): string => loadavg()[0]?.toFixed(1) ?? '?';
