import { join } from 'node:path';
import { type DataArea, dataBudget, logRetentionBytes, measureDataUse } from '@ebap/adapters/data-folder';
import { locateHome } from '@ebap/adapters/embedded-postgres';
import { type StorageStatus, topicSpecs } from '@ebap/pipeline/contracts';
import { hotKeys, hotTopics, STORAGE_FIELD } from '@ebap/pipeline/hot';
import type { Clock, EventLog, HotStore } from '@ebap/pipeline/ports';
import { HotWriter } from '@ebap/pipeline/runtime';

const TTL_MS = 120_000;
const NAMES: Readonly<Record<DataArea, string>> = {
  eventLog: 'Event log',
  hotStore: 'Hot store',
  stateFiles: 'State files',
  database: 'Database',
  other: 'Other',
};

/** Keeps an embedded installation below the limit of its data folder, and tells what is used of what. */
export class StorageLimit {
  readonly #parts: {
    readonly log: EventLog;
    readonly hot: HotStore;
    readonly clock: Clock;
    readonly dataDir: string;
    readonly limitBytes: number;
  };
  readonly #writer: HotWriter;

  constructor(parts: { log: EventLog; hot: HotStore; clock: Clock; dataDir: string; limitBytes: number }) {
    this.#parts = parts;
    this.#writer = new HotWriter(parts.hot, parts.clock, 'status/storage', parts.clock.nowMs());
  }

  /**
   * Measures, and gives the topics what the other parts leave them: call it before a retention pass.
   * @throws AppError `unavailable`, `lease_lost` when another worker does this by now.
   */
  async apply(signal: AbortSignal): Promise<StorageStatus> {
    const { log, dataDir, limitBytes, clock } = this.#parts;
    const postgresDir = join(dataDir, 'postgres');
    const use = await measureDataUse(dataDir, (await locateHome(postgresDir)) ?? postgresDir);
    const budget = dataBudget(limitBytes);
    for (const spec of topicSpecs('embedded', logRetentionBytes(budget, use))) await log.createTopic(spec);
    const areas: readonly DataArea[] = ['eventLog', 'hotStore', 'stateFiles', 'database', 'other'];
    const status: StorageStatus = {
      atMs: clock.nowMs(),
      limitBytes,
      usedBytes: use.totalBytes,
      parts: areas.map((area) => ({
        name: NAMES[area],
        usedBytes: use.areas[area],
        shareBytes: budget.shares[area],
      })),
    };
    const write = {
      key: hotKeys.storage(),
      field: STORAGE_FIELD,
      value: JSON.stringify(status),
      expiresAtMs: status.atMs + TTL_MS,
    };
    await this.#writer.write([write], hotTopics.system(), signal);
    return status;
  }
}
