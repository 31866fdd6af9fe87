import type { SeriesPoint, TopicDelta } from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import type { SeriesQuery, SeriesResult } from '@ebap/pipeline/semantics';
import { windowStartMs } from '@ebap/pipeline/time';
import { type HotReaderPorts, type ReadStep, readSeriesAndStart, readSteps, stepStarts } from './hotReader.ts';
import { type Progress, readProgress } from './progress.ts';
import { NOTHING_KNOWN, type PointValue, planSeries, type SeriesPlan } from './seriesPlan.ts';

type SeriesDelta = Extract<TopicDelta, { kind: 'series' }>;

interface MutableSeries {
  readonly key: string;
  readonly label: string;
  readonly values: (number | null)[];
  readonly numerators?: (number | null)[];
  readonly denominators?: (number | null)[];
}

interface Held {
  readonly plan: SeriesPlan;
  readonly series: readonly MutableSeries[];
  result: SeriesResult;
  /** Start of the first window with data; before it nothing is known. */
  readonly firstDataMs: number;
}

/**
 * One query followed over time: reads everything once, then only the windows that changed or entered the range.
 * Not reentrant.
 */
export class LiveSeries {
  readonly #ports: HotReaderPorts;
  readonly #workspaceId: string;
  readonly #query: SeriesQuery;
  #held: Held | null = null;

  constructor(ports: HotReaderPorts, workspaceId: string, query: SeriesQuery) {
    this.#ports = ports;
    this.#workspaceId = workspaceId;
    this.#query = query;
  }

  /** The newest answer; read it after `reload` or `advance`. */
  get result(): SeriesResult | null {
    return this.#held?.result ?? null;
  }

  /** Reads everything anew. @throws AppError `unavailable`, `corrupt_data`. */
  async reload(): Promise<SeriesResult> {
    const plan = planSeries(this.#query, await this.#ports.reference.regions());
    const { result, firstDataMs } = await readSeriesAndStart(this.#ports, this.#workspaceId, this.#query);
    const series = result.series.map(
      (one): MutableSeries => ({
        key: one.key,
        label: one.label,
        values: [...one.values],
        ...(one.numerators && { numerators: [...one.numerators] }),
        ...(one.denominators && { denominators: [...one.denominators] }),
      }),
    );
    this.#held = { plan, series, firstDataMs, result: { ...result, series } };
    return this.#held.result;
  }

  /**
   * Brings the answer up to date. `changedKeys`: window keys of the hot store that moved; null = any may have.
   * Returns what changed, `reload` if the whole answer must be sent again, or null if nothing did.
   * @throws AppError `unavailable`, `corrupt_data`.
   */
  async advance(changedKeys: ReadonlySet<string> | null): Promise<SeriesDelta | 'reload' | null> {
    const held = this.#held;
    const progress = await readProgress(this.#ports.hot, this.#workspaceId);
    const isNewLine =
      held?.plan.lines.length !== planSeries(this.#query, await this.#ports.reference.regions()).lines.length;
    if (held === null || progress === null || changedKeys === null || isNewLine) return this.#reloaded();
    const { plan, result } = held;
    const startsMs = stepStarts(plan, progress.asOfMs);
    const shift = ((startsMs[0] ?? 0) - result.startMs) / plan.stepMs;
    if (shift < 0 || shift >= plan.steps) return this.#reloaded();
    const entered = new Set(startsMs.slice(plan.steps - shift));
    // Rates move while a window is open, and once more when it closes.
    const open = new Set([windowStartMs(result.asOfMs, plan.stepMs), ...startsMs.slice(-2)]);
    const wanted = startsMs.filter(
      (startMs) => entered.has(startMs) || open.has(startMs) || changedKeys.has(this.#key(startMs)),
    );
    const steps = await readSteps(this.#ports.hot, this.#workspaceId, this.#query, plan, wanted, progress.asOfMs);
    // Data before what was thought the beginning: all steps since turn from unknown into quiet.
    if (steps.some((step) => step.hasData && step.startMs < held.firstDataMs)) return this.#reloaded();
    return this.#apply(held, progress, shift, steps, entered);
  }

  async #reloaded(): Promise<'reload'> {
    await this.reload();
    return 'reload';
  }

  #key(startMs: number): string {
    return hotKeys.window(this.#workspaceId, this.#query.grain, startMs);
  }

  #apply(
    held: Held,
    progress: Progress,
    shift: number,
    steps: readonly ReadStep[],
    entered: ReadonlySet<number>,
  ): SeriesDelta | null {
    const { plan, series, result } = held;
    const startMs = result.startMs + shift * plan.stepMs;
    for (const one of series) shiftColumns(one, shift);
    const points: SeriesPoint[] = [];
    for (const step of steps) {
      const index = (step.startMs - startMs) / plan.stepMs;
      series.forEach((one, l) => {
        const known = step.startMs >= held.firstDataMs ? step.points[l] : undefined;
        const point = known ?? NOTHING_KNOWN;
        const isChanged = setPoint(one, index, point);
        if (isChanged || entered.has(step.startMs)) points.push(toPoint(one.key, step.startMs, point, plan.isRatio));
      });
    }
    const { asOfMs, finalThroughMs } = progress;
    const isSame = points.length === 0 && result.asOfMs === asOfMs && result.finalThroughMs === finalThroughMs;
    held.result = { ...result, startMs, asOfMs, finalThroughMs, series };
    return isSame ? null : { kind: 'series', asOfMs, finalThroughMs, points };
  }
}

function shiftColumns(series: MutableSeries, shift: number): void {
  if (shift === 0) return;
  for (const column of [series.values, series.numerators, series.denominators]) {
    if (column === undefined) continue;
    column.splice(0, shift);
    for (let i = 0; i < shift; i++) column.push(null);
  }
}

/** Writes the point; true if it differs from what stood there. */
function setPoint(series: MutableSeries, index: number, point: PointValue): boolean {
  const isChanged =
    series.values[index] !== point.value ||
    (series.denominators !== undefined &&
      (series.numerators?.[index] !== point.numerator || series.denominators[index] !== point.denominator));
  series.values[index] = point.value;
  if (series.numerators) series.numerators[index] = point.numerator;
  if (series.denominators) series.denominators[index] = point.denominator;
  return isChanged;
}

function toPoint(key: string, timeMs: number, point: PointValue, isRatio: boolean): SeriesPoint {
  const { value, numerator, denominator } = point;
  return isRatio ? { key, timeMs, value, numerator, denominator } : { key, timeMs, value };
}
