import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { mendKafkajsTimers } from './kafkajsTimers.ts';

test('kafkajs looks for waiting requests only while there are any', () => {
  mendKafkajsTimers();
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue');
  const queue = new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1_000, broker: 'b', clientId: 'c' });
  queue.scheduleCheckPendingRequests();
  expect(queue.throttleCheckTimeoutId).toBeNull();
  queue.pending.push({});
  queue.scheduleCheckPendingRequests();
  expect(queue.throttleCheckTimeoutId).not.toBeNull();
  queue.destroy();
});
