import { TOPICS } from '../contracts/topics.ts';
import { type EventOutputs, EventTask, type EventTaskConfig, type RollupOutputs, RollupTask } from '../tasks/index.ts';
import { type EventEffectPorts, eventEffects } from './eventEffects.ts';
import { type RollupEffectPorts, rollupEffects } from './rollupEffects.ts';
import type { TaskKind } from './taskKind.ts';

export const EVENT_TASK = 'event';
export const ROLLUP_TASK = 'rollup';

/** Counting events: one partition of events and users merged with the references. */
export function eventTaskKind(
  config: Omit<EventTaskConfig, 'partition'>,
  ports: EventEffectPorts,
): TaskKind<EventOutputs> {
  return {
    name: EVENT_TASK,
    sides: (partition) => [
      { topic: TOPICS.cdcReference, partition: 0 },
      { topic: TOPICS.cdcUsers, partition },
    ],
    primary: (partition) => ({ topic: TOPICS.eventsRaw, partition }),
    prepare: (batch) => config.schemas.prepare(batch),
    ticks: true,
    create: (partition) => new EventTask({ ...config, partition }),
    restore: (partition, source) => EventTask.restore({ ...config, partition }, source),
    effects: (lease) => eventEffects(ports, lease),
  };
}

/** Adding up cuts: one partition of the partials. */
export function rollupTaskKind(sources: number, ports: RollupEffectPorts): TaskKind<RollupOutputs> {
  return {
    name: ROLLUP_TASK,
    sides: () => [],
    primary: (partition) => ({ topic: TOPICS.windowsPartial, partition }),
    ticks: false,
    create: (partition) => new RollupTask({ partition, sources }),
    restore: (partition, source) => RollupTask.restore({ partition, sources }, source),
    effects: (lease) => rollupEffects(ports, lease),
  };
}
