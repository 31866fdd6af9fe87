import { memberKey, type RegionRow, type RegionsPayload, UNKNOWN_REGION } from '@ebap/pipeline/contracts';
import { EMPTY_CELL, hotKeys } from '@ebap/pipeline/hot';
import { windowStartMs } from '@ebap/pipeline/time';
import { type HotReaderPorts, readCells } from './hotReader.ts';
import { abandonmentOf, newestFullPaneMs } from './nowReader.ts';
import { readProgress } from './progress.ts';

const PANE_MS = 10_000;
const MINUTE_MS = 60_000;
const MINUTES = 60;

/** All regions as they are now; sales and abandonment over the last 60 minutes. @throws AppError `unavailable`. */
export async function readRegions(ports: HotReaderPorts, workspaceId: string): Promise<RegionsPayload> {
  const { hot, reference, nowMs } = ports;
  const [currency, regions, progress] = await Promise.all([
    reference.currency(workspaceId),
    reference.regions(),
    readProgress(hot, workspaceId),
  ]);
  const asOfMs = progress?.asOfMs ?? nowMs();
  const rows = [
    ...regions.map(({ code, name, lat, lng }) => ({ code, name, coords: [lat, lng] as const })),
    { code: UNKNOWN_REGION, name: 'Unknown', coords: null },
  ];
  const fields = rows.map(({ code }) => memberKey({ set: 'region', region: code }));
  const openMinuteMs = windowStartMs(asOfMs, MINUTE_MS);
  const minutesMs = Array.from({ length: MINUTES }, (_, i) => openMinuteMs - i * MINUTE_MS);
  const [[pane], minutes, [users]] = await Promise.all([
    readCells(hot, workspaceId, '10s', [newestFullPaneMs(asOfMs)], fields),
    readCells(hot, workspaceId, '1m', minutesMs, fields),
    hot.readFields([hotKeys.now(workspaceId)], fields),
  ]);
  return {
    asOfMs,
    currency,
    rows: rows.map((row, i): RegionRow => {
      const hour = minutes.map((minute) => minute.cells[i] ?? EMPTY_CELL);
      const cell = pane?.cells[i] ?? EMPTY_CELL;
      return {
        ...row,
        eventsPerSecond: ((cell.view + cell.cart + cell.purchase + cell.login) * 1_000) / PANE_MS,
        activeUsers: Number(users?.[i] ?? 0),
        sales: hour.reduce((sum, one) => sum + one.sales, 0),
        abandonment: abandonmentOf(hour).ratio,
      };
    }),
  };
}
