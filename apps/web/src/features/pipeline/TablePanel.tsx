'use client';
import { DataTable, Panel, type PanelProps, type TableData, type TableRow } from '@ebap/ui';
import { RunState } from './RunState.tsx';

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
