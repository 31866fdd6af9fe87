/**
 * Keeps a topic fed with the changes of a table, as Debezium would: a snapshot first (`op: "r"`), then every
 * commit (`c`, `u`, `d`), each delete followed by a tombstone (null value). Message key: the table's `log_key`
 * as plain UTF-8. Value: Debezium's JSON envelope without schema
 * `{ before, after, source: { version, connector, name, ts_ms, snapshot, db, schema, table, txId, lsn }, op, ts_ms }`,
 * perhaps with more fields. Of `before`, only the columns of the table's replica identity mean something.
 * At least once: after a crash a change may appear again, never out of order per key, never lost.
 */
export interface ChangeStream {
  start(): Promise<void>;
  stop(): Promise<void>;
  status(): ChangeStreamStatus;
}

/** Numbers of changes by what they did: rows of a snapshot, inserts, updates, deletes. */
export interface DeliveredChanges {
  readonly r: number;
  readonly c: number;
  readonly u: number;
  readonly d: number;
}

export interface ChangeStreamStatus {
  readonly state: 'starting' | 'snapshot' | 'streaming' | 'failed' | 'stopped';
  readonly slot: string;
  /** WAL bytes the database must keep because this stream has not confirmed them. */
  readonly retainedWalBytes: number | null;
  /** Commit time of the newest change delivered, ms since the epoch; null if none, or if the adapter can't know. */
  readonly lastCommitMs: number | null;
  /** Changes delivered since it was opened; null if the adapter can't know: another process delivers them. */
  readonly delivered: DeliveredChanges | null;
  readonly lastError: string | null;
}
