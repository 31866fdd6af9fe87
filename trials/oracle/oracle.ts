import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { TOPICS } from '@ebap/pipeline/contracts';
import type { BatchRecord } from '@ebap/pipeline/ports';
import { rawRow } from './rawRows.ts';
import { DIFFERENCE_SQL, expectedSql, LEDGER_DIFFERENCE_SQL } from './sql.ts';

/** The log and the hot store at rest, wherever they live. */
export interface Evidence {
  readonly partitions: number;
  readonly rawSchemaId: number;
  /** Windows that end at or before this are not compared (the store lost them). */
  readonly ignoreThroughMs: number;
  /** Minutes of the ledger that begin before are not compared. Default: none is, or all if windows were lost. */
  readonly ignoreLedgerBeforeMs?: number;
  /** Where the append clock stands; what lies ahead is not shown yet. */
  readonly shownThroughMs: number;
  records(topic: string, partition: number): Iterable<BatchRecord>;
  /** Keys of the hot store with their fields. */
  hashes(): Iterable<readonly [key: string, fields: Iterable<readonly [string, string]>]>;
}

export interface Verdict {
  readonly differences: readonly string[];
  readonly produced: number;
  /** Cells compared. */
  readonly cells: number;
  /** Records by outcome, as the oracle finds them. */
  readonly outcomes: Readonly<Record<string, number>>;
}

const GRAIN_MS: Readonly<Record<string, number>> = { '10s': 10_000, '1m': 60_000, '5m': 300_000, '1h': 3_600_000 };

/** Recomputes everything from the raw log and compares it with what the platform shows, to the last unit. */
export async function judge(evidence: Evidence): Promise<Verdict> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const db = await instance.connect();
  try {
    await load(db, evidence);
    await db.run(expectedSql(evidence.shownThroughMs));
    await db.run(
      `delete from expected where start + case grain when '10s' then 10000 when '1m' then 60000 when '5m' then 300000 else 3600000 end <= ${evidence.ignoreThroughMs}`,
    );
    const ledgerFromMs = evidence.ignoreLedgerBeforeMs ?? (evidence.ignoreThroughMs > 0 ? Number.MAX_SAFE_INTEGER : 0);
    for (const table of ['ledger', 'actual_ledger'])
      await db.run(`delete from ${table} where minute < ${ledgerFromMs}`);
    const cells = await rows(db, DIFFERENCE_SQL);
    const ledger = await rows(db, LEDGER_DIFFERENCE_SQL);
    const outcomes = await rows(
      db,
      "select case when outcome like 'dead:%' then 'dead' else outcome end as o, count(*)::int as n from outcomes where outcome <> 'tick' group by 1 order by 1",
    );
    const [size] = await rows(db, 'select count(*)::int as n from expected');
    const counted = Object.fromEntries(outcomes.map((r) => [String(r.o), Number(r.n)]));
    return {
      differences: [...cells, ...ledger].map((r) =>
        JSON.stringify(r, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v)),
      ),
      produced: Object.values(counted).reduce((a, b) => a + b, 0),
      cells: Number(size?.n),
      outcomes: counted,
    };
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

async function rows(db: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  return (await db.runAndReadAll(sql)).getRowObjects();
}

async function load(db: DuckDBConnection, evidence: Evidence): Promise<void> {
  await db.run(`
    create table raw (partition int, "offset" bigint, append_ms bigint, tick boolean, bytes int, schema_known boolean, decoded boolean,
      record_key varchar, key_partition int, workspace varchar, id varchar, user_id varchar, action varchar, ts bigint, location varchar,
      platform varchar, amount bigint, currency varchar);
    create table changes (partition int, "offset" bigint, append_ms bigint, user_key varchar, valid_from bigint, tier varchar);
    create table regions (append_ms bigint, code varchar, name varchar, lat double, lng double);
    create table rates (append_ms bigint, currency varchar, valid_from bigint, rate hugeint);
    create table workspaces (append_ms bigint, id varchar, currency varchar);
    create table actual (workspace varchar, grain varchar, start bigint, member varchar, view bigint, cart bigint, purchase bigint, login bigint,
      sales hugeint, users bigint, due bigint, abandoned bigint);
    create table actual_ledger (workspace varchar, minute bigint, outcome varchar, records bigint)`);
  for (let p = 0; p < evidence.partitions; p++) {
    await insert(
      db,
      'raw',
      map(evidence.records(TOPICS.eventsRaw, p), (r) =>
        Object.values(rawRow(p, evidence.partitions, evidence.rawSchemaId, r)),
      ),
    );
    await insert(db, 'changes', changes(evidence.records(TOPICS.cdcUsers, p), p));
  }
  await loadReference(db, evidence.records(TOPICS.cdcReference, 0));
  await loadActual(db, evidence);
}

interface Envelope {
  readonly op: string;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly source: { readonly table: string; readonly ts_ms: number };
}

function envelope(record: BatchRecord): Envelope | null {
  return record.value === null ? null : (JSON.parse(Buffer.from(record.value).toString()) as Envelope);
}

function* changes(records: Iterable<BatchRecord>, partition: number): Iterable<readonly unknown[]> {
  for (const r of records) {
    const change = envelope(r);
    if (change === null || r.key === null) continue;
    const tier = change.op === 'd' ? 'unknown' : String(change.after?.tier);
    yield [partition, r.offset, r.appendTimeMs, Buffer.from(r.key).toString(), change.source.ts_ms, tier];
  }
}

async function loadReference(db: DuckDBConnection, records: Iterable<BatchRecord>): Promise<void> {
  const tables: Record<string, (readonly unknown[])[]> = { regions: [], rates: [], workspaces: [] };
  for (const r of records) {
    const change = envelope(r);
    const row = change?.after;
    if (!change || !row) continue;
    const at = r.appendTimeMs;
    if (change.source.table === 'regions') tables.regions?.push([at, row.code, row.name, row.lat, row.lng]);
    if (change.source.table === 'workspaces') tables.workspaces?.push([at, row.id, row.currency]);
    if (change.source.table === 'rates')
      tables.rates?.push([at, row.currency, Number(row.valid_from), scaled(String(row.rate))]);
  }
  for (const [table, content] of Object.entries(tables)) await insert(db, table, content);
}

/** Decimal text as an integer of 1e-10. */
function scaled(rate: string): string {
  const [whole = '0', fraction = ''] = rate.split('.');
  return BigInt(whole + fraction.slice(0, 10).padEnd(10, '0')).toString();
}

async function loadActual(db: DuckDBConnection, evidence: Evidence): Promise<void> {
  const cells: (readonly unknown[])[] = [];
  const ledger: (readonly unknown[])[] = [];
  for (const [key, fields] of evidence.hashes()) {
    const window = /^\{(.+)\}:w1:(\w+):(\d+)$/.exec(key);
    const minute = /^\{(.+)\}:ledger1:(\d+)$/.exec(key);
    if (window !== null) {
      const [, workspace, grain = '', start] = window;
      if (Number(start) + (GRAIN_MS[grain] ?? 0) <= evidence.ignoreThroughMs) continue;
      for (const [member, cell] of fields) {
        const n = cell.split(',').map((v) => (v === '' ? null : v));
        // A cell that went back to nothing is as good as none.
        if (n.some((v) => v !== null && v !== '0')) cells.push([workspace, grain, start, member, ...n]);
      }
    }
    if (minute !== null)
      for (const [field, count] of fields)
        ledger.push([minute[1], minute[2], field.slice(field.indexOf('/') + 1), count]);
  }
  await insert(db, 'actual', cells);
  await insert(db, 'actual_ledger', ledger);
}

function* map<A, B>(items: Iterable<A>, f: (item: A) => B): Iterable<B> {
  for (const item of items) yield f(item);
}

/** Inserts rows as literals in batches; numbers as text keep all their digits. */
async function insert(db: DuckDBConnection, table: string, content: Iterable<readonly unknown[]>): Promise<void> {
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await db.run(`insert into ${table} values ${batch.join(',')}`);
    batch = [];
  };
  for (const row of content) {
    batch.push(`(${row.map(literal).join(',')})`);
    if (batch.length === 2_000) await flush();
  }
  await flush();
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  return String(value);
}
