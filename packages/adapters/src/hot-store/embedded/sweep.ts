import type { Environment, Table } from '../../lmdb/index.ts';
import { rowExpiresAtMs } from './hashRow.ts';

/** Rows looked at in one turn, and removed in one transaction. */
const SLICE_ROWS = 2_000;

/** Removes expired hashes, a slice per turn, so that neither readers of this process nor writers wait for it. */
export async function sweepExpired(environment: Environment, hashes: Table, nowMs: () => number): Promise<void> {
  environment.clearStaleReaders();
  let from: Buffer | undefined;
  do {
    environment.refresh();
    const slice = expiredSlice(hashes, from, nowMs());
    if (slice.expired.length > 0) await environment.write(() => removeExpired(hashes, slice.expired, nowMs()));
    else await new Promise((resolve) => setImmediate(resolve));
    from = slice.nextKey;
  } while (from !== undefined);
}

function expiredSlice(
  hashes: Table,
  from: Buffer | undefined,
  nowMs: number,
): { expired: readonly Buffer[]; nextKey: Buffer | undefined } {
  const expired: Buffer[] = [];
  let rows = 0;
  for (const key of hashes.getKeys(from === undefined ? {} : { start: from })) {
    rows += 1;
    if (rows > SLICE_ROWS) return { expired, nextKey: key };
    if (isExpired(hashes, key, nowMs)) expired.push(key);
  }
  return { expired, nextKey: undefined };
}

/** Runs inside a write transaction: a hash may have been written anew since it was found expired. */
function removeExpired(hashes: Table, keys: readonly Buffer[], nowMs: number): void {
  for (const key of keys) if (isExpired(hashes, key, nowMs)) hashes.removeSync(key);
}

function isExpired(hashes: Table, key: Buffer, nowMs: number): boolean {
  const row = hashes.getBinaryFast(key);
  return row !== undefined && rowExpiresAtMs(row) <= nowMs;
}
