import type { TopicSpec } from '@ebap/pipeline/ports';
import { afterEach, beforeEach, describe } from 'vitest';
import { describeAppend } from './append.ts';
import { describeFetch } from './fetch.ts';
import { type EventLogFactory, type EventLogUnderTest, topicSpec } from './logUnderTest.ts';
import { describeRetention } from './retention.ts';
import { describeTime } from './time.ts';
import { describeTopics } from './topics.ts';
import { describeWaits } from './waits.ts';

export { type EventLogFactory, type EventLogUnderTest, readAll } from './logUnderTest.ts';

/** What every adapter of the port `EventLog` does. */
export function describeEventLog(name: string, factory: EventLogFactory): void {
  describe(`EventLog: ${name}`, () => {
    let made: EventLogUnderTest;
    beforeEach(async () => {
      made = await factory();
    });
    afterEach(() => made.dispose());

    async function newTopic(partitions: number, changes: Partial<TopicSpec> = {}): Promise<string> {
      const spec = topicSpec(partitions, changes);
      await made.log.createTopic(spec);
      return spec.name;
    }

    describeTopics(() => made);
    describeAppend(() => made, newTopic);
    describeFetch(() => made, newTopic);
    describeWaits(() => made, newTopic);
    describeTime(() => made, newTopic);
    describeRetention(() => made, newTopic);
  });
}
