import { AppError } from '@ebap/pipeline/errors';
import type { AppendRecord } from '@ebap/pipeline/ports';
import { type Pgoutput, PgoutputPlugin } from 'pg-logical-replication';
import { type ChangeTable, keyOf, type RawRow, SCHEMA } from './changeTable.ts';
import type { Delivered } from './delivery.ts';
import type { ChangeOp, ChangePosition, EnvelopeWriter } from './envelope.ts';
import { type Lsn, parseLsn } from './lsn.ts';

/** Takes decoded changes in commit order. */
export interface ChangeSink {
  add(records: readonly AppendRecord[], change: Delivered): void;
  /** All changes before the position have been added. */
  reach(lsn: Lsn): void;
}

type RowMessage = Pgoutput.MessageInsert | Pgoutput.MessageUpdate | Pgoutput.MessageDelete;
type Rows = { readonly before: RawRow | null; readonly after: RawRow | null };

/** The stream can't be followed: rows went without a message each. Only a new snapshot shows the truth. */
export class SnapshotNeeded extends AppError {
  constructor(message: string) {
    super('unavailable', message, { retryable: true });
  }
}

/** Turns pgoutput messages (protocol version 1: whole transactions, in commit order) into records. */
export class ChangeDecoder {
  readonly #tables: ReadonlyMap<string, ChangeTable>;
  readonly #envelopes: EnvelopeWriter;
  readonly #sink: ChangeSink;
  readonly #plugin: PgoutputPlugin;
  #transaction: ChangePosition | null = null;

  constructor(tables: readonly ChangeTable[], publication: string, envelopes: EnvelopeWriter, sink: ChangeSink) {
    this.#tables = new Map(tables.map((table) => [table.name, table]));
    this.#envelopes = envelopes;
    this.#sink = sink;
    this.#plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [publication] });
  }

  data(payload: Buffer): void {
    const message = this.#plugin.parse(payload);
    switch (message.tag) {
      case 'begin':
        this.#transaction = {
          txId: message.xid,
          lsn: parseLsn(message.commitLsn ?? '0/0'),
          commitMs: Number(message.commitTime.valueOf() / 1_000n),
          snapshot: 'false',
        };
        return;
      case 'relation':
        // Values stay as PostgreSQL prints them: parsed dates lose microseconds, parsed numbers digits.
        for (const column of message.columns) column.parser = asIs;
        return;
      case 'insert':
        this.#change(message, null, message.new);
        return;
      case 'update':
        this.#change(message, message.old ?? message.key, message.new);
        return;
      case 'delete':
        this.#change(message, message.old ?? message.key, null);
        return;
      case 'truncate':
        throw new SnapshotNeeded(`${message.relations.map(({ name }) => name).join(', ')} was truncated`);
      case 'commit':
        this.#transaction = null;
        this.#sink.reach(parseLsn(message.commitEndLsn ?? '0/0'));
        return;
      default:
        return; // origins, types and logical messages say nothing about rows
    }
  }

  keepalive(lsn: Lsn): void {
    if (this.#transaction === null) this.#sink.reach(lsn);
  }

  #change({ tag, relation }: RowMessage, before: RawRow | null, after: RawRow | null): void {
    const table = relation.schema === SCHEMA ? this.#tables.get(relation.name) : undefined;
    if (table === undefined || this.#transaction === null) return;
    const rekeyed =
      tag === 'update' && before !== null && after !== null && keyOf(table, before) !== keyOf(table, after);
    if (tag === 'insert') this.#emit('c', relation, table, { before: null, after });
    else if (tag === 'delete') this.#emit('d', relation, table, { before, after: null });
    else if (!rekeyed) this.#emit('u', relation, table, { before, after });
    else {
      // As Debezium does: the old key ends, a new one begins.
      this.#emit('d', relation, table, { before, after: null });
      this.#emit('c', relation, table, { before: null, after });
    }
  }

  #emit(op: ChangeOp, relation: Pgoutput.MessageRelation, table: ChangeTable, rows: Rows): void {
    if (this.#transaction === null) return;
    const { commitMs } = this.#transaction;
    const records = [this.#envelopes.change(op, table, relation.columns, rows, this.#transaction)];
    if (op === 'd') records.push(this.#envelopes.tombstone(keyOf(table, rows.before ?? {})));
    this.#sink.add(records, { op, commitMs });
  }
}

function asIs(text: string): string {
  return text;
}
