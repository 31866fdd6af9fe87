import type { DataArea, DataUse } from './measure.ts';

/** How the limit of a data folder is shared out. */
export interface DataBudget {
  readonly limitBytes: number;
  /** What each part is meant to hold at most; together the limit. */
  readonly shares: Readonly<Record<DataArea, number>>;
  /** Records of the topics that are kept by size, over all of them. */
  readonly logRetentionBytes: number;
  /** PostgreSQL's `max_wal_size`: log of the database between two of its checkpoints. */
  readonly maxWalBytes: number;
  /** PostgreSQL's `max_slot_wal_keep_size`: what a change stream that does not read may hold back. */
  readonly walKeepBytes: number;
}

const MIB = 1 << 20;
/** Programs, catalogue and first log files: there in every installation, whatever its limit. */
const DATABASE_BASE_BYTES = 160 * MIB;
const LEAST_WAL_BYTES = 64 * MIB;
/** Log segments have 16 MiB. */
const WAL_STEP_BYTES = 16 * MIB;

/** Shares of what is left beside the database's base. */
const LOG_SHARE = 0.62;
/** The rest of the log's share: compacted topics, and what arrives between two retention passes. */
const LOG_RETENTION_SHARE = 0.54;
const HOT_SHARE = 0.08;
const FILES_SHARE = 0.12;
const WAL_KEEP_SHARE = 0.1;
const MAX_WAL_SHARE = 0.05;
const OTHER_SHARE = 0.01;
/** Of the limit: what may arrive before the next pass. */
const HEADROOM_SHARE = 0.06;
const LEAST_RETENTION_SHARE = 0.05;

/** Shares the limit out. @param limitBytes at least 1 GiB */
export function dataBudget(limitBytes: number): DataBudget {
  const restBytes = Math.max(0, limitBytes - DATABASE_BASE_BYTES);
  const part = (share: number): number => Math.floor(restBytes * share);
  const wal = (share: number): number =>
    Math.max(LEAST_WAL_BYTES, Math.floor(part(share) / WAL_STEP_BYTES) * WAL_STEP_BYTES);
  const shares = { eventLog: part(LOG_SHARE), hotStore: part(HOT_SHARE), stateFiles: part(FILES_SHARE) };
  const other = part(OTHER_SHARE);
  const taken = shares.eventLog + shares.hotStore + shares.stateFiles + other;
  return {
    limitBytes,
    shares: { ...shares, database: limitBytes - taken, other },
    logRetentionBytes: part(LOG_RETENTION_SHARE),
    maxWalBytes: wal(MAX_WAL_SHARE),
    walKeepBytes: wal(WAL_KEEP_SHARE),
  };
}

/**
 * What the log's topics may keep now: their budget, or less when the other parts have grown over theirs, so that the
 * sum stays below the limit. Never nothing: the newest records are what the platform works on.
 */
export function logRetentionBytes({ limitBytes, logRetentionBytes: budgeted }: DataBudget, use: DataUse): number {
  const others = use.totalBytes - use.areas.eventLog;
  const left = Math.floor(limitBytes * (1 - HEADROOM_SHARE)) - others;
  return Math.max(Math.floor(limitBytes * LEAST_RETENTION_SHARE), Math.min(budgeted, left));
}
