'use client';
import { MONEY_SCALE, type RegionRow, type RegionsPayload } from '@ebap/pipeline/contracts';
import {
  Chip,
  DataTable,
  evenFormat,
  evenMoneyFormat,
  formatCount,
  formatPercent,
  Panel,
  type TableData,
  type TableRow,
} from '@ebap/ui';
import { type CSSProperties, useMemo } from 'react';
import { LIVE_STALE_AFTER_MS, topicPanelState } from '../../live/panelState.ts';
import { useRegions } from './hooks.ts';
import css from './live.module.css';
import type { LivePanelProps } from './NowPanel.tsx';
import { panelUrlProps } from './useLiveUrl.ts';
import { regionWords } from './words.ts';

const REGION_COLUMN = 0;
const RATE_COLUMN = 2;

/** Regions ranked; a row narrows the page to its region. */
export function RegionsPanel({ url, onUrlChange, source }: LivePanelProps) {
  const { view, refusal, retry } = useRegions();
  const regions = view?.regions ?? null;
  const table = useMemo(() => regions && regionsTable(regions), [regions]);
  const busiest = Math.max(1e-9, ...(regions?.rows ?? []).map((row) => row.eventsPerSecond));
  const renderCell = (row: TableRow, column: number) => {
    if (column === REGION_COLUMN) return <span className={css.regionCode}>{row.cells[REGION_COLUMN]?.text}</span>;
    if (column !== RATE_COLUMN) return undefined;
    const rate = row.cells[RATE_COLUMN];
    return (
      <span className={css.bar}>
        <i style={share(Number(rate?.value ?? 0) / busiest)} />
        {rate?.text}
      </span>
    );
  };
  return (
    <Panel
      {...panelUrlProps('regions', url, onUrlChange)}
      title="Regions"
      source={source}
      state={topicPanelState({
        hasData: regions !== null,
        refusal,
        retry,
        empty:
          regions?.rows.length === 0
            ? { title: 'No region has events yet', hint: 'Events carry a location: a region name or "lat,lng".' }
            : null,
      })}
      asOfMs={regions?.asOfMs ?? null}
      staleAfterMs={LIVE_STALE_AFTER_MS}
      skeleton="rows"
      isTableOnly
      table={table ? () => table : undefined}
      scope={url.region && <Chip name="region" value={url.region} onRemove={() => onUrlChange({ region: null })} />}
      className={css.regions}
    >
      {table && (
        <DataTable
          data={table}
          initialSort={{ column: RATE_COLUMN, direction: 'descending' }}
          renderCell={renderCell}
          selectedKey={url.region}
          onOpenRow={(code) => onUrlChange({ region: code === url.region ? null : code })}
        />
      )}
    </Panel>
  );
}

/** The ranking as rows; sales in whole currency. */
export function regionsTable(regions: RegionsPayload): TableData {
  const shown = regions.rows.filter(isWorthARow);
  const look = {
    rate: evenFormat(shown.map((row) => row.eventsPerSecond)),
    sales: evenMoneyFormat(shown.map(salesOf), regions.currency),
  };
  return {
    caption: 'Regions',
    columns: [
      { key: 'code', title: 'Region' },
      { key: 'name', title: 'Place', isSecondary: true, isGrowing: true },
      { key: 'rate', title: 'Events/s', align: 'end' },
      { key: 'users', title: 'Active users', align: 'end' },
      { key: 'sales', title: 'Sales, 60 min', align: 'end' },
      { key: 'abandonment', title: 'Abandoned', align: 'end', isSecondary: true },
    ],
    rows: shown.map((row) => regionRow(row, look)),
  };
}

function share(part: number): CSSProperties {
  // A custom property, which CSSProperties cannot name.
  return { '--share': part } as CSSProperties;
}

/** Known regions always stand here, silent ones too; "unknown" only while events come without a place. */
function isWorthARow(row: RegionRow): boolean {
  return row.coords !== null || row.eventsPerSecond > 0 || row.activeUsers > 0 || row.sales > 0;
}

function salesOf(row: RegionRow): number {
  return row.sales / MONEY_SCALE;
}

interface ColumnLook {
  readonly rate: (value: number) => string;
  readonly sales: (value: number) => string;
}

function regionRow(row: RegionRow, look: ColumnLook): TableRow {
  const sales = salesOf(row);
  const { code, place } = regionWords(row);
  return {
    key: row.code,
    cells: [
      { value: row.code, text: code },
      { value: place, text: place ?? '' },
      { value: row.eventsPerSecond, text: look.rate(row.eventsPerSecond) },
      { value: row.activeUsers, text: formatCount(row.activeUsers) },
      { value: sales, text: look.sales(sales) },
      { value: row.abandonment, text: formatPercent(row.abandonment) },
    ],
  };
}
