import { createRequire } from 'node:module';

/** The part of kafkajs's request queue that is mended here. Not public: checked before it is touched. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

let mended = false;

/**
 * kafkajs 2.2.4 wakes each of its connections every millisecond to look for requests that wait to be sent, also when
 * none does (700 timers a second, 3.6 % of a core, and a `TimeoutNegativeWarning`). With this it looks only while one
 * waits. https://github.com/tulios/kafkajs/issues/1704
 */
export function mendKafkajsTimers(): void {
  if (mended) return;
  mended = true;
  const prototype = requestQueuePrototype();
  const schedule = prototype?.scheduleCheckPendingRequests;
  if (prototype === undefined || typeof schedule !== 'function') return;
  prototype.scheduleCheckPendingRequests = function mendedSchedule(this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}

function requestQueuePrototype(): RequestQueue | undefined {
  const found: unknown = createRequire(import.meta.url)('kafkajs/src/network/requestQueue');
  return typeof found === 'function' ? (found.prototype as RequestQueue) : undefined;
}
