/** One column of a table view. */
export interface TableColumn {
  readonly key: string;
  readonly title: string;
  readonly align?: 'start' | 'end';
  /** Ids, offsets, ISO times: set in mono. */
  readonly isMono?: boolean;
  /** Takes the width the others leave; long text ends in an ellipsis. */
  readonly isGrowing?: boolean;
  /** Sentences: they take the width the others leave, and as many lines as they need. */
  readonly isProse?: boolean;
  /** May be dropped on narrow screens. */
  readonly isSecondary?: boolean;
}

/** A value to sort and export by, and how it is shown. `null` = not known, sorts last. */
export interface TableCell {
  readonly value: number | string | null;
  readonly text: string;
}

export interface TableRow {
  readonly key: string;
  readonly cells: readonly TableCell[];
}

/** The same data as a chart shows, as rows; also what CSV export writes. */
export interface TableData {
  /** Names the file and the table for screen readers. */
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
}

export interface SortOrder {
  readonly column: number;
  readonly direction: 'ascending' | 'descending';
}

/** Rows in order; equal rows keep theirs, unknown values come last either way. */
export function sortRows(rows: readonly TableRow[], order: SortOrder | null): readonly TableRow[] {
  if (!order) return rows;
  const sign = order.direction === 'ascending' ? 1 : -1;
  return [...rows].sort((a, b) => compareCells(a.cells[order.column], b.cells[order.column], sign));
}

function compareCells(a: TableCell | undefined, b: TableCell | undefined, sign: number): number {
  const left = a?.value ?? null;
  const right = b?.value ?? null;
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  if (typeof left === 'number' && typeof right === 'number') return sign * (left - right);
  return sign * String(left).localeCompare(String(right), 'en', { numeric: true });
}

/**
 * RFC 4180 CSV with a header. Text that a spreadsheet would run as a formula is defused with a leading apostrophe
 * (OWASP, CSV injection): cells may hold producers' text.
 */
export function toCsv(data: TableData): string {
  const lines = [data.columns.map((column) => csvField(column.title))];
  for (const row of data.rows) lines.push(row.cells.map((cell) => csvField(cell.value)));
  return `${lines.map((fields) => fields.join(',')).join('\r\n')}\r\n`;
}

function csvField(value: number | string | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
