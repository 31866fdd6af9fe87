import { encodePartial, type PartialMessage } from '../contracts/index.ts';
import { decodeCell, type WindowCell } from '../hot/index.ts';
import type { HotWrite } from '../ports/index.ts';
import { type RollupOutputs, RollupTask } from '../tasks/index.ts';
import { batchOf } from './events.ts';
import { MemorySnapshot } from './memorySnapshot.ts';

/** Drives a rollup task over messages and keeps what it writes, as the hot store would. */
export class RollupRun {
  task: RollupTask;
  readonly outputs: RollupOutputs[] = [];
  /** `key` → `field` → value. */
  readonly hot = new Map<string, Map<string, string>>();
  /** `key` → newest expiry, ms. */
  readonly expiresAtMs = new Map<string, number>();
  readonly #sources: number;

  constructor(sources: number) {
    this.#sources = sources;
    this.task = new RollupTask({ partition: 0, sources });
  }

  /** Takes the messages in as one batch. Returns what that step wrote. */
  take(...messages: readonly PartialMessage[]): readonly HotWrite[] {
    const records = messages.map((m) => ({ appendTimeMs: m.appendMs, key: null, value: encodePartial(m) }));
    const batch = batchOf(records, 0, 'ebap.windows.partial');
    return this.#keep(this.task.step(0, batch, 0, batch.count).outputs);
  }

  reemit(): readonly HotWrite[] {
    return this.#keep(this.task.reemit());
  }

  /** Throws the task away and goes on with the one that its checkpoint gives. */
  restore(): void {
    const snapshot = new MemorySnapshot();
    this.task.snapshot(snapshot);
    this.task = RollupTask.restore({ partition: 0, sources: this.#sources }, snapshot);
  }

  #keep(outputs: RollupOutputs | null): readonly HotWrite[] {
    if (outputs === null) return [];
    this.outputs.push(outputs);
    const writes = outputs.workspaces.flatMap((w) => w.writes);
    for (const { key, field, value, expiresAtMs } of writes) {
      const hash = this.hot.get(key) ?? new Map<string, string>();
      this.hot.set(key, hash.set(field, value ?? ''));
      this.expiresAtMs.set(key, Math.max(this.expiresAtMs.get(key) ?? 0, expiresAtMs));
    }
    return writes;
  }

  cell(key: string, field: string): WindowCell | null {
    const text = this.hot.get(key)?.get(field);
    return text === undefined ? null : decodeCell(text);
  }
}
