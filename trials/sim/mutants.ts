import { decodePartial, encodePartial, type PartialGroup, type PartialMessage } from '@ebap/pipeline/contracts';
import { type Clock, type LogBatch, packBatch, recordAt } from '@ebap/pipeline/ports';
import { EVENT_TASK, type GroupTask, ROLLUP_TASK, type TaskKind } from '@ebap/pipeline/runtime';
import type { Task } from '@ebap/pipeline/tasks';

/** Seeded defects that the trials must find. The first two are in the simulated stores. */
export const MUTANTS = ['no-fence', 'frontier-apart', 'wall-clock-cut', 'distincts-added', 'no-dedupe'] as const;
export type Mutant = (typeof MUTANTS)[number];

/** The tasks with the defect built in, or as they are. */
export function mutateTasks(mutant: Mutant | null, clock: Clock, tasks: readonly GroupTask[]): readonly GroupTask[] {
  switch (mutant) {
    case 'wall-clock-cut':
      return tasks.map((t) => (t.kind.name === EVENT_TASK ? withBatch(t, (batch) => restamp(batch, clock)) : t));
    case 'distincts-added':
      return tasks.map((t) => (t.kind.name === ROLLUP_TASK ? withBatch(t, addDistincts) : t));
    case 'no-dedupe':
      return tasks.map((t) => (t.kind.name === EVENT_TASK ? withBatch(t, forgetIdentity) : t));
    default:
      return tasks;
  }
}

function withBatch(task: GroupTask, change: (batch: LogBatch) => LogBatch): GroupTask {
  const { kind } = task;
  const wrap = (inner: Task<unknown>): Task<unknown> => {
    const changed = new WeakMap<LogBatch, LogBatch>();
    const isPrimary = (batch: LogBatch): boolean => batch.topic === kind.primary(0).topic;
    return new Proxy(inner, {
      get: (target, name) => {
        if (name === 'step')
          return (source: number, batch: LogBatch, from: number, to: number) => {
            if (!isPrimary(batch)) return target.step(source, batch, from, to);
            const other = changed.get(batch) ?? change(batch);
            changed.set(batch, other);
            return target.step(source, other, from, to);
          };
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  const mutated: TaskKind<unknown> = {
    ...kind,
    create: (partition) => wrap(kind.create(partition)),
    restore: (partition, source) => wrap(kind.restore(partition, source)),
  };
  return { ...task, kind: mutated };
}

/** Cuts by the worker's clock instead of the log's. */
function restamp(batch: LogBatch, clock: Clock): LogBatch {
  return { ...batch, appendTimesMs: batch.appendTimesMs.map((ms) => Math.max(ms, clock.nowMs())) };
}

function rewrite(batch: LogBatch, change: (value: Uint8Array, index: number) => Uint8Array): LogBatch {
  const records = Array.from({ length: batch.count }, (_, i) => {
    const record = recordAt(batch, i);
    return { ...record, value: record.value === null ? null : change(record.value, i) };
  });
  return packBatch(batch, records);
}

/** Five-minute users as the sum of one-minute users. */
function addDistincts(batch: LogBatch): LogBatch {
  return rewrite(batch, (value) => {
    const message = decodePartial(value);
    return encodePartial({
      ...message,
      workspaces: message.workspaces.map((w) => ({ ...w, groups: sumMinutes(w.groups) })),
    } satisfies PartialMessage);
  });
}

function sumMinutes(groups: readonly PartialGroup[]): readonly PartialGroup[] {
  const minutes = groups.filter((g) => g.kind === 'active1m');
  return groups.map((g): PartialGroup => {
    if (g.kind !== 'active5m') return g;
    const inside = minutes.filter((m) => m.startMs >= g.startMs && m.startMs < g.startMs + 300_000);
    const values = g.members.map(
      (member, i) =>
        inside.reduce((sum, m) => sum + (m.values[m.members.indexOf(member)] ?? 0), 0) || (g.values[i] ?? 0),
    );
    return { ...g, values };
  });
}

/** Every record gets an id of its own: repeats are never recognised. */
function forgetIdentity(batch: LogBatch): LogBatch {
  return rewrite(batch, (value, i) => {
    const copy = value.slice();
    const idAt = copy.indexOf(72, 6); // the length byte of a 36-byte string
    if (idAt > 0 && idAt + 36 < copy.length && copy[idAt + 9] === 45) {
      const text = ((batch.offsets[i] ?? 0) + 0x10000000).toString(16);
      for (let k = 0; k < 8; k++) copy[idAt + 1 + k] = text.charCodeAt(k);
    }
    return copy;
  });
}
