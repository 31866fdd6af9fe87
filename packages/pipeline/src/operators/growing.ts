type Column = Int32Array | Uint32Array | Uint16Array | Float64Array;

/** A copy of the column with room for at least `length` entries and for as many again as it had. */
export function grown<T extends Column>(column: T, length: number): T {
  const larger = new (column.constructor as new (size: number) => T)(Math.max(length, column.length * 2, 64));
  larger.set(column);
  return larger;
}
