import { type Grain, TOTAL_MEMBER } from '@ebap/pipeline/contracts';
import { decodeCell, EMPTY_CELL, hotKeys, type WindowCell } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';
import { MEASURES, type SeriesQuery, type SeriesResult } from '@ebap/pipeline/semantics';
import { windowStartMs } from '@ebap/pipeline/time';
import { readProgress } from './progress.ts';
import type { ReferenceDirectory } from './reference.ts';
import { NOTHING_KNOWN, type PlannedLine, type PointValue, planSeries, type SeriesPlan } from './seriesPlan.ts';

/** What a window without this member holds, once the workspace has data at all: nobody did anything. */
const QUIET_CELL: WindowCell = { ...EMPTY_CELL, activeUsers: 0 };

export interface HotReaderPorts {
  readonly hot: HotStore;
  readonly reference: ReferenceDirectory;
  readonly nowMs: () => number;
}

/** One step as read: a value per line, and whether the workspace had anything in it. */
export interface ReadStep {
  readonly startMs: number;
  readonly points: readonly PointValue[];
  readonly hasData: boolean;
}

/** Cells of one grain for the given windows: `[window][field]`, and whether the window exists at all. */
export async function readCells(
  hot: HotStore,
  workspaceId: string,
  grain: Grain,
  startsMs: readonly number[],
  fields: readonly string[],
): Promise<readonly { readonly hasData: boolean; readonly cells: readonly WindowCell[] }[]> {
  const keys = startsMs.map((startMs) => hotKeys.window(workspaceId, grain, startMs));
  const rows = await hot.readFields(keys, [TOTAL_MEMBER, ...fields]);
  const quiet = grain === '10s' ? EMPTY_CELL : QUIET_CELL;
  return rows.map((row) => ({
    hasData: row[0] !== null && row[0] !== undefined,
    cells: fields.map((_, i) => {
      const text = row[i + 1];
      return text === null || text === undefined ? quiet : decodeCell(text);
    }),
  }));
}

/** Reads steps of a planned series. @throws AppError `unavailable`, `corrupt_data`. */
export async function readSteps(
  hot: HotStore,
  workspaceId: string,
  query: SeriesQuery,
  plan: SeriesPlan,
  startsMs: readonly number[],
  asOfMs: number,
): Promise<readonly ReadStep[]> {
  const fields = [...new Set(plan.lines.map((line) => line.field))];
  const fieldOf = new Map(fields.map((field, i) => [field, i]));
  const cellOf = (cells: readonly WindowCell[], line: PlannedLine): WindowCell =>
    cells[fieldOf.get(line.field) ?? 0] ?? EMPTY_CELL;
  const windows = await readCells(hot, workspaceId, query.grain, startsMs, fields);
  return windows.map(({ hasData, cells }, i) => {
    const startMs = startsMs[i] ?? 0;
    const elapsedMs = Math.min(plan.stepMs, Math.max(0, asOfMs - startMs));
    const points = plan.lines.map((line) => plan.valueOf(cellOf(cells, line), line, elapsedMs));
    return { startMs, points, hasData };
  });
}

/** The starts of the newest `steps` windows up to the one that holds `asOfMs`. */
export function stepStarts(plan: SeriesPlan, asOfMs: number): readonly number[] {
  const lastMs = windowStartMs(asOfMs, plan.stepMs);
  return Array.from({ length: plan.steps }, (_, i) => lastMs - (plan.steps - 1 - i) * plan.stepMs);
}

/**
 * Answers a checked query from the hot store. Gaps are zero (nobody did anything) from the first window that holds
 * data; before it nothing is known. Without any progress yet the range ends now and is all unknown.
 * @throws AppError `unavailable`, `corrupt_data`.
 */
export async function readSeries(
  ports: HotReaderPorts,
  workspaceId: string,
  query: SeriesQuery,
): Promise<SeriesResult> {
  return (await readSeriesAndStart(ports, workspaceId, query)).result;
}

/** {@link readSeries}, and where the data begins: the start of the first window that holds any, else infinity. */
export async function readSeriesAndStart(
  ports: HotReaderPorts,
  workspaceId: string,
  query: SeriesQuery,
): Promise<{ readonly result: SeriesResult; readonly firstDataMs: number }> {
  const { hot, reference, nowMs } = ports;
  const [regions, currency, progress] = await Promise.all([
    reference.regions(),
    reference.currency(workspaceId),
    readProgress(hot, workspaceId),
  ]);
  const plan = planSeries(query, regions);
  const asOfMs = progress?.asOfMs ?? nowMs();
  const startsMs = stepStarts(plan, asOfMs);
  const steps = await readSteps(hot, workspaceId, query, plan, startsMs, asOfMs);
  const first = steps.findIndex((step) => step.hasData);
  const known = steps.map((step, i) =>
    first < 0 || i < first ? { ...step, points: plan.lines.map(() => NOTHING_KNOWN) } : step,
  );
  return {
    result: toResult(query, plan, known, { asOfMs, finalThroughMs: progress?.finalThroughMs ?? 0, currency }),
    firstDataMs: steps[first]?.startMs ?? Number.POSITIVE_INFINITY,
  };
}

function toResult(
  query: SeriesQuery,
  plan: SeriesPlan,
  steps: readonly ReadStep[],
  facts: { readonly asOfMs: number; readonly finalThroughMs: number; readonly currency: string },
): SeriesResult {
  const { unit } = MEASURES[query.measure];
  return {
    unit,
    currency: unit === 'money' || unit === 'money/min' ? facts.currency : null,
    source: 'live',
    startMs: steps[0]?.startMs ?? facts.asOfMs,
    stepMs: plan.stepMs,
    steps: steps.length,
    asOfMs: facts.asOfMs,
    finalThroughMs: facts.finalThroughMs,
    series: plan.lines.map((line, l) => ({
      key: line.key,
      label: line.label,
      values: steps.map((step) => step.points[l]?.value ?? null),
      ...(plan.isRatio && {
        numerators: steps.map((step) => step.points[l]?.numerator ?? null),
        denominators: steps.map((step) => step.points[l]?.denominator ?? null),
      }),
    })),
  };
}
