import { hotTopics } from '../hot/layout.ts';
import type { Lease } from '../ports/checkpointStore.ts';
import type { Clock } from '../ports/clock.ts';
import type { HotStore } from '../ports/hotStore.ts';
import { type RollupOutputs, RollupTask } from '../tasks/index.ts';
import { HotWriter } from './hotWriter.ts';
import type { TaskEffects } from './taskKind.ts';

export interface RollupEffectPorts {
  readonly hot: HotStore;
  readonly clock: Clock;
  /** Told after each flush how old the newest complete append time is: accepted → readable. */
  readonly flushed?: (asOfMs: number, nowMs: number) => void;
}

/** Where windows go: the hot store. After a restore, or when the store lost its content, all that is open goes again. */
export function rollupEffects(ports: RollupEffectPorts, lease: Lease): TaskEffects<RollupOutputs> {
  const writer = new HotWriter(ports.hot, ports.clock, `${lease.task}/${lease.partition}`, lease.epoch);
  const write = async (outputs: RollupOutputs, signal: AbortSignal): Promise<boolean> => {
    let lost = false;
    for (const { workspace, writes } of outputs.workspaces)
      lost = (await writer.write(writes, hotTopics.windows(workspace), signal)) === 'lost' || lost;
    return lost;
  };
  const reemit = async (task: unknown, signal: AbortSignal): Promise<void> => {
    if (!(task instanceof RollupTask)) return;
    for (let again = true; again; ) {
      const all = task.reemit();
      again = all !== null && (await write(all, signal));
    }
  };
  return {
    restored: reemit,
    emit: async (outputs, task, signal) => {
      if (await write(outputs, signal)) await reemit(task, signal);
      if (outputs.asOfMs !== null) ports.flushed?.(outputs.asOfMs, ports.clock.nowMs());
    },
  };
}
