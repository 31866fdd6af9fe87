import { encodePartial } from '../contracts/index.ts';
import { EVENT_SOURCES, type EventOutputs, EventTask, type EventTaskConfig, onlySchema } from '../tasks/index.ts';
import { batchOf, type Placed, SCHEMA_ID } from './events.ts';
import { MemorySnapshot } from './memorySnapshot.ts';

/** A record of one of the event task's sources, in merge order. */
export interface Merged {
  readonly source: keyof typeof EVENT_SOURCES;
  readonly record: Placed;
}

export const merged = (source: Merged['source'], ...records: readonly Placed[]): readonly Merged[] =>
  records.map((record) => ({ source, record }));

export const EVENT_CONFIG: EventTaskConfig = {
  partition: 0,
  partitions: 1,
  partialPartitions: 2,
  schemas: onlySchema(SCHEMA_ID),
  feedPerCut: 3,
};

/** Drives an event task over merged records, as its runner would. */
export class EventRun {
  task: EventTask;
  readonly outputs: EventOutputs[] = [];
  readonly #config: EventTaskConfig;
  readonly #offsets = { reference: 0, users: 0, events: 0 };
  #snapshot: MemorySnapshot | undefined;

  constructor(config: Partial<EventTaskConfig> = {}) {
    this.#config = { ...EVENT_CONFIG, ...config };
    this.task = new EventTask(this.#config);
  }

  /**
   * Takes the records in. `splitBefore` says where a batch ends although its source goes on; `restoreAfter` says
   * after which outputs (counted from 0) the task is thrown away and restored from its checkpoint.
   */
  take(
    records: readonly Merged[],
    splitBefore: (index: number) => boolean = () => false,
    restoreAfter: (output: number) => boolean = () => false,
  ): this {
    for (let i = 0; i < records.length; ) {
      const source = records[i]?.source ?? 'events';
      let end = i + 1;
      while (end < records.length && records[end]?.source === source && !splitBefore(end)) end++;
      const batch = batchOf(
        records.slice(i, end).map((m) => m.record),
        this.#offsets[source],
      );
      this.#offsets[source] = batch.nextOffset;
      for (let from = 0; from < batch.count; ) {
        const { next, outputs } = this.task.step(EVENT_SOURCES[source], batch, from, batch.count);
        from = next;
        if (outputs === null) continue;
        this.outputs.push(outputs);
        if (restoreAfter(this.outputs.length - 1)) this.restore();
      }
      i = end;
    }
    return this;
  }

  /** Throws the task away and goes on with the one that its checkpoint gives. Only right after outputs. */
  restore(): void {
    const snapshot = new MemorySnapshot(this.#snapshot);
    this.task.snapshot(snapshot);
    this.#snapshot = snapshot;
    this.task = EventTask.restore(this.#config, snapshot);
  }
}

/** Outputs as text, partials by their bytes: equal text is equal output. */
export function outputText(outputs: readonly EventOutputs[]): readonly string[] {
  return outputs.map((o) =>
    JSON.stringify({
      ...o,
      partials: o.partials.map((p) => [p.partition, Buffer.from(encodePartial(p.message)).toString('hex')]),
      deadLetters: o.deadLetters.map((d) => ({ ...d, payload: Buffer.from(d.payload).toString('hex') })),
    }),
  );
}

/** Newest value of every cell told so far, as `workspace kind start member` → values. */
export function cells(outputs: readonly EventOutputs[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  for (const { partials } of outputs)
    for (const { message } of partials)
      for (const { workspace, groups } of message.workspaces)
        for (const { kind, startMs, members, values } of groups) {
          const width = values.length / members.length;
          members.forEach((member, i) => {
            found.set(`${workspace} ${kind} ${startMs} ${member}`, values.slice(i * width, (i + 1) * width));
          });
        }
  return found;
}
