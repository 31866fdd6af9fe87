import { memberKey, type NowPayload, type Platform } from '@ebap/pipeline/contracts';
import { EMPTY_CELL, hotKeys, type WindowCell } from '@ebap/pipeline/hot';
import { windowStartMs } from '@ebap/pipeline/time';
import { type HotReaderPorts, readCells } from './hotReader.ts';
import { readProgress } from './progress.ts';
import { memberOf } from './seriesPlan.ts';

const PANE_MS = 10_000;
const MINUTE_MS = 60_000;
const SPARK_STEPS = 60;
/** Events of a pane still arrive right after its end: the newest full one is taken this long after. */
const SETTLE_MS = 1_000;
const PANES_PER_MINUTE = MINUTE_MS / PANE_MS;

export interface NowFilter {
  readonly region?: string | undefined;
  readonly platform?: Platform | undefined;
}

function events(cell: WindowCell): number {
  return cell.view + cell.cart + cell.purchase + cell.login;
}

/** The big numbers of a workspace, for one region and platform or all. @throws AppError `unavailable`, `corrupt_data`. */
export async function readNow(ports: HotReaderPorts, workspaceId: string, filter: NowFilter): Promise<NowPayload> {
  const { hot, reference, nowMs } = ports;
  const field = memberKey(memberOf(filter));
  const [currency, progress] = await Promise.all([reference.currency(workspaceId), readProgress(hot, workspaceId)]);
  const asOfMs = progress?.asOfMs ?? nowMs();
  const paneMs = newestFullPaneMs(asOfMs);
  const openMinuteMs = windowStartMs(asOfMs, MINUTE_MS);
  const minutesMs = Array.from({ length: SPARK_STEPS + 1 }, (_, i) => openMinuteMs - (SPARK_STEPS - i) * MINUTE_MS);
  const [[pane], minutes, users] = await Promise.all([
    readCells(hot, workspaceId, '10s', [paneMs], [field]),
    readCells(hot, workspaceId, '1m', minutesMs, [field]),
    hot.readFields([hotKeys.now(workspaceId)], [field]),
  ]);
  const isKnown = minutes.some((minute) => minute.hasData);
  const cell = pane?.cells[0] ?? EMPTY_CELL;
  const full = minutes.slice(0, SPARK_STEPS);
  const activeUsers = users[0]?.[0] ?? null;
  return {
    asOfMs,
    finalThroughMs: progress?.finalThroughMs ?? 0,
    currency,
    activeUsers: activeUsers === null ? (isKnown ? 0 : null) : Number(activeUsers),
    eventsPerSecond: isKnown ? (events(cell) * 1_000) / PANE_MS : null,
    salesPerMinute: isKnown ? cell.sales * PANES_PER_MINUTE : null,
    abandonment: abandonmentOf(full.map((minute) => minute.cells[0] ?? EMPTY_CELL)),
    sparklines: sparklinesOf(minutesMs[0] ?? 0, full),
  };
}

/** Start of the 10 s pane that rates of "now" are read from. */
export function newestFullPaneMs(asOfMs: number): number {
  return windowStartMs(asOfMs - SETTLE_MS, PANE_MS) - PANE_MS;
}

/** What became of the carts that came due in these windows. */
export function abandonmentOf(cells: readonly WindowCell[]): NowPayload['abandonment'] {
  const due = cells.reduce((sum, one) => sum + one.cartsDue, 0);
  const abandoned = cells.reduce((sum, one) => sum + one.cartsAbandoned, 0);
  return { ratio: due === 0 ? null : abandoned / due, abandoned, due };
}

function sparklinesOf(startMs: number, minutes: Awaited<ReturnType<typeof readCells>>): NowPayload['sparklines'] {
  const first = minutes.findIndex((minute) => minute.hasData);
  const column = (value: (cell: WindowCell) => number | null): readonly (number | null)[] =>
    minutes.map((minute, i) => (first < 0 || i < first ? null : value(minute.cells[0] ?? EMPTY_CELL)));
  return {
    startMs,
    stepMs: MINUTE_MS,
    activeUsers: column((cell) => cell.activeUsers),
    eventsPerSecond: column((cell) => (events(cell) * 1_000) / MINUTE_MS),
    salesPerMinute: column((cell) => cell.sales),
    abandonment: column((cell) => abandonmentOf([cell]).ratio),
  };
}
