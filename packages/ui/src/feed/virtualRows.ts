/** Which rows a scrolled list must render, and where. */
export interface RowWindow {
  /** First rendered index. */
  readonly start: number;
  /** One past the last rendered index. */
  readonly end: number;
  /** Height of the rows before `start`, px. */
  readonly offsetPx: number;
  readonly totalPx: number;
}

/**
 * The window of rows of a list of equal rows, some of them taller (expanded).
 * @param extraPx additional height by row index; few entries
 * @param overscanRows rendered beyond each edge, so that a fast scroll shows no gap
 */
export function rowWindow(input: {
  readonly rowCount: number;
  readonly rowPx: number;
  readonly extraPx: ReadonlyMap<number, number>;
  readonly scrollTopPx: number;
  readonly viewportPx: number;
  readonly overscanRows: number;
}): RowWindow {
  const { rowCount, rowPx, scrollTopPx, viewportPx, overscanRows } = input;
  const extras = [...input.extraPx].filter(([index]) => index < rowCount).sort(([a], [b]) => a - b);
  const topOf = (index: number) =>
    index * rowPx + extras.reduce((sum, [at, extra]) => (at < index ? sum + extra : sum), 0);
  const indexAt = (y: number) => {
    let low = 0;
    let high = rowCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (topOf(middle + 1) <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const start = Math.max(0, indexAt(scrollTopPx) - overscanRows);
  const end = Math.min(rowCount, indexAt(scrollTopPx + viewportPx) + 1 + overscanRows);
  return { start, end: Math.max(start, end), offsetPx: topOf(start), totalPx: topOf(rowCount) };
}
