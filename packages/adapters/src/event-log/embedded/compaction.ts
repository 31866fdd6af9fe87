import type { Environment } from '../../lmdb/index.ts';
import type { LogTables, StoredTopic } from './tables.ts';

export async function compactPartition(
  _environment: Environment,
  _tables: LogTables,
  _topic: StoredTopic,
  _partition: number,
  _minLagMs: number,
): Promise<number> {
  return 0;
}
