import { partitionFor } from '@ebap/pipeline/contracts';
import type { AppendRecord } from '@ebap/pipeline/ports';
import { type ChangeTable, keyOf, type RawRow, SCHEMA } from './changeTable.ts';
import { columnJson } from './columnJson.ts';

/** A column as the replication protocol or a result set describes it. */
export interface ColumnType {
  readonly name: string;
  readonly typeOid: number;
}

export interface ChangeSource {
  readonly connectorName: string;
  readonly database: string;
}

/** Where a change stands in the database's history. */
export interface ChangePosition {
  readonly txId: number;
  readonly lsn: bigint;
  readonly commitMs: number;
  readonly snapshot: 'true' | 'last' | 'false';
}

export type ChangeOp = 'r' | 'c' | 'u' | 'd';

/** The adapter's own version, where Debezium has its. */
const VERSION = '1.0.0';
/** What Debezium writes for a large value that an update did not touch, so that it was not sent. */
const UNAVAILABLE = '"__debezium_unavailable_value"';

/** Builds the records of a topic from changes of rows. */
export class EnvelopeWriter {
  readonly #source: ChangeSource;
  readonly #partitions: number;
  readonly #nowMs: () => number;

  constructor(source: ChangeSource, partitions: number, nowMs: () => number) {
    this.#source = source;
    this.#partitions = partitions;
    this.#nowMs = nowMs;
  }

  /** The envelope of one change, keyed by its row. */
  change(
    op: ChangeOp,
    table: ChangeTable,
    columns: readonly ColumnType[],
    rows: { readonly before: RawRow | null; readonly after: RawRow | null },
    position: ChangePosition,
  ): AppendRecord {
    const row = rows.after ?? rows.before ?? {};
    const before = rows.before === null ? 'null' : rowJson(table, columns, rows.before);
    const after = rows.after === null ? 'null' : rowJson(table, columns, rows.after);
    return this.#record(keyOf(table, row), this.#envelope(op, table.name, before, after, position));
  }

  /** A delete that nobody saw happen: `last` is the key's newest value in the topic. */
  vanished(key: string, last: Uint8Array, position: ChangePosition): AppendRecord {
    // The topic holds what this class wrote; a foreign value shows as a delete without a row.
    const { after, source } = parsed(last);
    const before = after === undefined ? 'null' : JSON.stringify(after);
    return this.#record(key, this.#envelope('d', source?.table ?? '', before, 'null', position));
  }

  /** What follows every delete, so that compaction drops the key. */
  tombstone(key: string): AppendRecord {
    return this.#record(key, null);
  }

  #envelope(op: ChangeOp, table: string, before: string, after: string, position: ChangePosition): Uint8Array {
    const { database, connectorName } = this.#source;
    const source =
      `{"version":"${VERSION}","connector":"postgresql","name":${JSON.stringify(connectorName)},` +
      `"ts_ms":${position.commitMs},"snapshot":"${position.snapshot}","db":${JSON.stringify(database)},` +
      `"schema":"${SCHEMA}","table":${JSON.stringify(table)},"txId":${position.txId},"lsn":${position.lsn}}`;
    return Buffer.from(
      `{"before":${before},"after":${after},"source":${source},"op":"${op}","ts_ms":${this.#nowMs()}}`,
    );
  }

  #record(keyText: string, value: Uint8Array | null): AppendRecord {
    const key = Buffer.from(keyText);
    return { partition: partitionFor(key, this.#partitions), key, value };
  }
}

/** Columns that the table does not publish are left out, whatever was sent; so are those a key image lacks. */
function rowJson(table: ChangeTable, columns: readonly ColumnType[], row: RawRow): string {
  const fields: string[] = [];
  for (const { name, typeOid } of columns) {
    if (!(name in row) || (table.columns !== undefined && !table.columns.includes(name))) continue;
    const value = row[name];
    const json = value === null ? 'null' : value === undefined ? UNAVAILABLE : columnJson(typeOid, value);
    fields.push(`${JSON.stringify(name)}:${json}`);
  }
  return `{${fields.join(',')}}`;
}

interface Known {
  readonly after?: unknown;
  readonly source?: { readonly table?: string };
}

function parsed(value: Uint8Array): Known {
  try {
    // Written by this class; every field is optional, so that anything else is harmless.
    return (JSON.parse(Buffer.from(value).toString()) as Known | null) ?? {};
  } catch {
    return {};
  }
}
