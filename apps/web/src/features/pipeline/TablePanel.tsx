'use client';
import { DataTable, Panel, type PanelProps, StateGlyph, type TableData, type TableRow } from '@ebap/ui';

export interface TablePanelProps extends Omit<PanelProps, 'children' | 'table' | 'skeleton' | 'isTableOnly'> {
  readonly data: TableData | null;
  readonly empty: { readonly title: string; readonly hint: string };
  readonly sort?: { readonly column: number; readonly direction: 'ascending' | 'descending' };
  /** Column that holds a running state's word. */
  readonly stateColumn?: number;
  readonly onOpenRow?: ((key: string) => void) | undefined;
}

/** A panel that is a table. */
export function TablePanel({ data, empty, sort, stateColumn, onOpenRow, ...panel }: TablePanelProps) {
  const isEmpty = panel.state.kind === 'ready' && data?.rows.length === 0;
  const renderCell = (row: TableRow, column: number) =>
    column === stateColumn ? <RunState word={row.cells[column]?.text ?? ''} /> : undefined;
  return (
    <Panel
      {...panel}
      state={isEmpty ? { kind: 'empty', ...empty } : panel.state}
      skeleton="rows"
      isTableOnly
      table={data ? () => data : undefined}
    >
      {data && (
        <DataTable data={data} renderCell={renderCell} onOpenRow={onOpenRow} {...(sort && { initialSort: sort })} />
      )}
    </Panel>
  );
}

const GOOD = new Set(['running', 'streaming', 'ok', 'up']);
const IMPAIRED = new Set(['degraded']);
const BAD = new Set(['alarm', 'failed', 'error', 'down']);

/** A part's state: running is no news; an alarm looks like one. */
function RunState({ word }: { readonly word: string }) {
  if (GOOD.has(word))
    return (
      <StateGlyph state="normal" isQuiet>
        {word}
      </StateGlyph>
    );
  return <StateGlyph state={BAD.has(word) ? 'firing' : IMPAIRED.has(word) ? 'pending' : 'nodata'}>{word}</StateGlyph>;
}
