import { partitionFor, type RawEvent, TOPICS } from '../contracts/index.ts';
import {
  eventTaskKind,
  type RunnerPorts,
  type RunnerSettings,
  rollupTaskKind,
  type TaskKind,
} from '../runtime/index.ts';
import { type EventOutputs, type EventTask, onlySchema, type RollupOutputs } from '../tasks/index.ts';
import { eventRecord, HOUR, type Placed, referenceRecords, SCHEMA_ID, T0 } from './events.ts';
import { MemoryFiles, MemoryHot, MemoryLog, MemoryStore } from './memoryPorts.ts';
import { VirtualClock } from './virtualClock.ts';

export const RUNNER_SETTINGS: RunnerSettings = {
  checkpointEveryMs: 15_000,
  tickEveryMs: 250,
  idleTickEveryMs: 1_000,
  fetchMaxBytes: 1 << 20,
};

/** All ports in memory, and the two kinds of tasks on them. */
export class PipelineWorld {
  readonly clock = new VirtualClock(T0);
  readonly log: MemoryLog;
  readonly hot = new MemoryHot();
  readonly store = new MemoryStore(this.clock);
  readonly files = new MemoryFiles();
  readonly partitions: number;
  /** Append times that were told as readable. */
  readonly flushed: number[] = [];
  /** Event tasks made anew or restored, in order. */
  readonly tasks: EventTask[] = [];

  constructor(partitions = 1, knowledge: 'clock' | 'records' = 'clock') {
    this.partitions = partitions;
    this.log = new MemoryLog(this.clock, knowledge);
    for (const record of referenceRecords(T0 - HOUR)) this.place(TOPICS.cdcReference, 0, record);
  }

  get ports(): RunnerPorts {
    return { log: this.log, store: this.store, files: this.files, clock: this.clock };
  }

  /** Puts a record on the log as it is. */
  place(topic: string, partition: number, record: Placed): void {
    const records = this.log.records(topic, partition);
    records.push({ ...record, offset: records.length });
  }

  /** Appends an event now. */
  send(event: RawEvent): void {
    const record = eventRecord(event, this.clock.nowMs());
    const partition = record.key === null ? 0 : partitionFor(record.key, this.partitions);
    this.place(TOPICS.eventsRaw, partition, record);
  }

  get eventKind(): TaskKind<EventOutputs> {
    const config = {
      partitions: this.partitions,
      partialPartitions: 1,
      schemas: onlySchema(SCHEMA_ID),
      feedPerCut: 3,
    };
    const seal = (payload: Uint8Array) => ({ payload: Buffer.from(payload).toString('base64'), sealed: false });
    return eventTaskKind(config, { log: this.log, hot: this.hot, clock: this.clock, seal });
  }

  get rollupKind(): TaskKind<RollupOutputs> {
    return rollupTaskKind(this.partitions, {
      hot: this.hot,
      clock: this.clock,
      flushed: (asOfMs) => this.flushed.push(asOfMs),
    });
  }
}
