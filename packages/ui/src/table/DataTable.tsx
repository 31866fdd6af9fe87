'use client';
import { type ReactNode, useMemo, useState } from 'react';
import { Icon } from '../icons/Icon.tsx';
import { cx } from '../util/cx.ts';
import css from './table.module.css';
import { type SortOrder, sortRows, type TableColumn, type TableData, type TableRow } from './tableData.ts';
import { useSidewaysScroll } from './useSidewaysScroll.ts';

export interface DataTableProps {
  readonly data: TableData;
  readonly initialSort?: SortOrder;
  /** Richer content for a cell than its text; sorting and export still use the cell. */
  readonly renderCell?: (row: TableRow, column: number) => ReactNode | undefined;
  /** Makes each row's first cell a button that opens the row. */
  readonly onOpenRow?: ((key: string) => void) | undefined;
  readonly selectedKey?: string | null;
}

/** A table with a sticky head that sorts by any column. Scrolls in itself in both directions, and shows where it goes on. */
export function DataTable({ data, initialSort, renderCell, onOpenRow, selectedKey }: DataTableProps) {
  const [order, setOrder] = useState<SortOrder | null>(initialSort ?? null);
  const rows = useMemo(() => sortRows(data.rows, order), [data.rows, order]);
  const [scroller, beyond] = useSidewaysScroll();
  return (
    <div className={css.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1) */}
      <section ref={scroller} className={css.scroll} tabIndex={0} aria-label={`${data.caption}, rows`}>
        <table className={css.table}>
          <thead>
            <tr>
              {data.columns.map((column, index) => (
                <HeadCell
                  key={column.key}
                  column={column}
                  direction={order?.column === index ? order.direction : null}
                  onSort={() => setOrder((current) => nextOrder(current, index, column))}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr
                key={row.key}
                className={cx(css.row, onOpenRow && css.clickable, row.key === selectedKey && css.selected)}
                onClick={onOpenRow && (() => onOpenRow(row.key))}
              >
                {data.columns.map((column, index) => {
                  const content = renderCell?.(row, index) ?? row.cells[index]?.text ?? '';
                  return (
                    <td
                      key={column.key}
                      className={cellClass(css.cell, column)}
                      title={column.isGrowing ? row.cells[index]?.text : undefined}
                    >
                      {onOpenRow && index === 0 ? (
                        <button type="button" className={css.open}>
                          {content}
                        </button>
                      ) : (
                        content
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {beyond.before && <Beyond side="before" />}
      {beyond.after && <Beyond side="after" />}
    </div>
  );
}

function Beyond({ side }: { readonly side: 'before' | 'after' }) {
  return (
    <span className={cx(css.beyond, css[side])} data-beyond={side}>
      <Icon name={side === 'before' ? 'chevronLeft' : 'chevronRight'} size={12} />
    </span>
  );
}

function HeadCell(props: {
  readonly column: TableColumn;
  readonly direction: SortOrder['direction'] | null;
  readonly onSort: () => void;
}) {
  const { column, direction, onSort } = props;
  return (
    <th className={cellClass(css.head, column)} scope="col" aria-sort={direction ?? 'none'}>
      <button type="button" className={css.sort} onClick={onSort}>
        {column.title}
        {direction && <Icon name={direction === 'ascending' ? 'chevronUp' : 'chevronDown'} size={12} />}
      </button>
    </th>
  );
}

function cellClass(base: string | undefined, column: TableColumn): string {
  return cx(
    base,
    column.align === 'end' && css.end,
    column.isMono && base === css.cell && css.mono,
    column.isGrowing && css.growing,
    column.isProse && css.prose,
    column.isSecondary && css.secondary,
  );
}

/** First click sorts numbers downwards and words upwards; the second turns round. */
function nextOrder(current: SortOrder | null, index: number, column: TableColumn): SortOrder {
  const first = column.align === 'end' ? 'descending' : 'ascending';
  if (current?.column !== index) return { column: index, direction: first };
  return { column: index, direction: current.direction === 'ascending' ? 'descending' : 'ascending' };
}
