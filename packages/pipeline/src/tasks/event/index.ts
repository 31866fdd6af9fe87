/** Counting the events of one partition. */
export type { AddressedPartial } from './cutMessages.ts';
export { EVENT_SOURCES, type EventOutputs, EventTask, type EventTaskConfig, type RejectedRecord } from './eventTask.ts';
