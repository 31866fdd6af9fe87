import { expect, test } from 'vitest';
import { TOPICS } from '../contracts/index.ts';
import { EventRun, merged } from '../testing/eventRun.ts';
import { eventRecord, HOUR, rawEvent, referenceRecords, SECOND, T0, tick } from '../testing/events.ts';
import { MemoryHot, MemoryLog } from '../testing/memoryPorts.ts';
import { VirtualClock } from '../testing/virtualClock.ts';
import { eventEffects } from './eventEffects.ts';

/** Outputs of a cut with a counted event and a dead letter. */
function cutWithLetter() {
  const runs = new EventRun().take([
    ...merged('reference', ...referenceRecords(T0 - HOUR)),
    ...merged('events', eventRecord(rawEvent(), T0), { appendTimeMs: T0, key: null, value: Uint8Array.of(9) }),
    ...merged('events', tick(T0 + SECOND)),
  ]);
  const [outputs] = runs.outputs;
  if (outputs === undefined) throw new Error('the cut has no outputs');
  return { outputs, task: runs.task };
}

test('a cut’s appends go one at a time: partials first, then dead letters', async () => {
  const clock = new VirtualClock(T0);
  const log = new MemoryLog(clock);
  const append = log.append.bind(log);
  const calls: string[] = [];
  log.append = async (topic, records) => {
    calls.push(`${topic} begins`);
    await clock.sleep(5);
    const acks = await append(topic, records);
    calls.push(`${topic} ends`);
    return acks;
  };
  const seal = (payload: Uint8Array) => ({ payload: Buffer.from(payload).toString('base64'), sealed: false });
  const lease = { task: 'event', partition: 0, owner: 'w', epoch: 1 };
  const effects = eventEffects({ log, hot: new MemoryHot(), clock, seal }, lease);
  const { outputs, task } = cutWithLetter();
  await clock.settle(effects.emit(outputs, task, new AbortController().signal));
  expect(calls).toEqual([
    `${TOPICS.windowsPartial} begins`,
    `${TOPICS.windowsPartial} ends`,
    `${TOPICS.deadLetters} begins`,
    `${TOPICS.deadLetters} ends`,
  ]);
});
