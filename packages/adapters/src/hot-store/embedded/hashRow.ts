/**
 * A hash is one row: one look-up finds its expiry and all its fields. Little-endian:
 *
 *     0 f64 expires at, ms since the epoch    8 u32 number of fields
 *    12 per field, in the order of the names' bytes: u16 name length, u32 value length, name, value
 */
const ROW_HEADER_BYTES = 12;
const FIELD_HEADER_BYTES = 6;

export interface FieldWrite {
  readonly name: Buffer;
  /** null removes the field. */
  readonly value: Buffer | null;
}

export function sortedFieldWrites(fields: ReadonlyMap<string, string | null>): readonly FieldWrite[] {
  const writes: FieldWrite[] = [];
  for (const [name, value] of fields) {
    writes.push({ name: Buffer.from(name), value: value === null ? null : Buffer.from(value) });
  }
  return writes.sort((a, b) => Buffer.compare(a.name, b.name));
}

export function rowExpiresAtMs(row: Buffer): number {
  return row.readDoubleLE(0);
}

/** Merges writes, sorted by name, into a row; null when no field is left. Unchanged stretches are copied whole. */
export function mergeRow(row: Buffer | undefined, writes: readonly FieldWrite[], expiresAtMs: number): Buffer | null {
  const source = row ?? EMPTY_ROW;
  const merged = new RowBuilder(source, writes);
  let at = ROW_HEADER_BYTES;
  let next = 0;
  while (at < source.length || next < writes.length) {
    const write = writes[next];
    const order = at >= source.length ? 1 : write === undefined ? -1 : compareFieldName(source, at, write.name);
    if (order < 0) {
      at = merged.keep(at);
      continue;
    }
    if (order === 0) at = merged.skip(at);
    if (write !== undefined) merged.add(at, write);
    next += 1;
  }
  return merged.finish(at, expiresAtMs);
}

const EMPTY_ROW = Buffer.alloc(ROW_HEADER_BYTES);

class RowBuilder {
  readonly #source: Buffer;
  readonly #out: Buffer;
  #end = ROW_HEADER_BYTES;
  #count = 0;
  /** Start of the stretch of the source not yet copied. */
  #pendingFrom = ROW_HEADER_BYTES;

  constructor(source: Buffer, writes: readonly FieldWrite[]) {
    let capacity = source.length;
    for (const { name, value } of writes) capacity += FIELD_HEADER_BYTES + name.length + (value?.length ?? 0);
    this.#source = source;
    this.#out = Buffer.allocUnsafe(capacity);
  }

  keep(at: number): number {
    this.#count += 1;
    return fieldEnd(this.#source, at);
  }

  skip(at: number): number {
    this.#copyTo(at);
    this.#pendingFrom = fieldEnd(this.#source, at);
    return this.#pendingFrom;
  }

  add(at: number, { name, value }: FieldWrite): void {
    if (value === null) return;
    this.#copyTo(at);
    const out = this.#out;
    out.writeUInt16LE(name.length, this.#end);
    out.writeUInt32LE(value.length, this.#end + 2);
    out.set(name, this.#end + FIELD_HEADER_BYTES);
    out.set(value, this.#end + FIELD_HEADER_BYTES + name.length);
    this.#end += FIELD_HEADER_BYTES + name.length + value.length;
    this.#count += 1;
  }

  finish(at: number, expiresAtMs: number): Buffer | null {
    this.#copyTo(at);
    if (this.#count === 0) return null;
    this.#out.writeDoubleLE(expiresAtMs, 0);
    this.#out.writeUInt32LE(this.#count, 8);
    return this.#out.subarray(0, this.#end);
  }

  #copyTo(at: number): void {
    if (at > this.#pendingFrom) {
      this.#out.set(this.#source.subarray(this.#pendingFrom, at), this.#end);
      this.#end += at - this.#pendingFrom;
    }
    this.#pendingFrom = at;
  }
}

/** All fields of a row. */
export function readAllFields(row: Buffer): Map<string, string> {
  const fields = new Map<string, string>();
  for (let at = ROW_HEADER_BYTES; at < row.length; ) {
    const nameStart = at + FIELD_HEADER_BYTES;
    const nameEnd = nameStart + row.readUInt16LE(at);
    const end = nameEnd + row.readUInt32LE(at + 2);
    fields.set(row.toString('utf8', nameStart, nameEnd), row.toString('utf8', nameEnd, end));
    at = end;
  }
  return fields;
}

/** Fields to look up in many rows: names in byte order, each with its place in the answer. */
export interface WantedFields {
  readonly names: readonly Buffer[];
  readonly places: readonly number[];
  readonly size: number;
}

export function wantedFields(fields: readonly string[]): WantedFields {
  const sorted = fields
    .map((name, place) => ({ name: Buffer.from(name), place }))
    .sort((a, b) => Buffer.compare(a.name, b.name));
  return { names: sorted.map((f) => f.name), places: sorted.map((f) => f.place), size: fields.length };
}

/** The wanted fields of a row, null where missing. */
export function readWantedFields(row: Buffer, wanted: WantedFields): (string | null)[] {
  const values: (string | null)[] = new Array(wanted.size).fill(null);
  const { names, places } = wanted;
  const end = row.length;
  let at = ROW_HEADER_BYTES;
  let next = 0;
  while (at < end && next < names.length) {
    const name = names[next];
    const place = places[next];
    if (name === undefined || place === undefined) break;
    const order = compareFieldName(row, at, name);
    if (order > 0) {
      next += 1;
      continue;
    }
    const valueEnd = fieldEnd(row, at);
    if (order < 0) {
      at = valueEnd;
      continue;
    }
    // The same name may be wanted twice: stay on this field.
    values[place] = row.toString('utf8', at + FIELD_HEADER_BYTES + name.length, valueEnd);
    next += 1;
  }
  return values;
}

function fieldEnd(row: Buffer, at: number): number {
  return at + FIELD_HEADER_BYTES + row.readUInt16LE(at) + row.readUInt32LE(at + 2);
}

/** Order of the name of the field at `at` relative to `name`. Names are short: a loop beats a native call. */
function compareFieldName(row: Buffer, at: number, name: Buffer): number {
  const length = row.readUInt16LE(at);
  const start = at + FIELD_HEADER_BYTES;
  const common = Math.min(length, name.length);
  for (let i = 0; i < common; i += 1) {
    const difference = (row[start + i] ?? 0) - (name[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return length - name.length;
}
