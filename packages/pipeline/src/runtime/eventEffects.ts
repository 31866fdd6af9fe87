import { DEAD_LETTER_MESSAGES, type DeadLetter } from '../contracts/deadLetter.ts';
import { encodePartial } from '../contracts/partial.ts';
import { TOPICS } from '../contracts/topics.ts';
import { FEED_FIELD, hotKeys, hotTopics } from '../hot/layout.ts';
import type { Lease } from '../ports/checkpointStore.ts';
import type { Clock } from '../ports/clock.ts';
import type { AppendRecord, EventLog } from '../ports/eventLog.ts';
import type { HotStore } from '../ports/hotStore.ts';
import type { EventOutputs, RejectedRecord } from '../tasks/index.ts';
import { HotWriter } from './hotWriter.ts';
import { retry } from './retry.ts';
import type { TaskEffects } from './taskKind.ts';

/** Seals a dead letter's original bytes for the topic. */
export type DeadLetterSealer = (payload: Uint8Array) => { readonly payload: string; readonly sealed: boolean };

export interface EventEffectPorts {
  readonly log: EventLog;
  readonly hot: HotStore;
  readonly clock: Clock;
  readonly seal: DeadLetterSealer;
}

const FEED_TTL_MS = 900_000;
const utf8 = new TextEncoder();

/** Where an event task's cuts go: partials and dead letters to the log (acknowledged), the feed to the hot store. */
export function eventEffects(ports: EventEffectPorts, lease: Lease): TaskEffects<EventOutputs> {
  const feed = new HotWriter(ports.hot, ports.clock, `${lease.task}/${lease.partition}`, lease.epoch);
  return {
    restored: async () => {},
    emit: async (outputs, _task, signal) => {
      const partials = outputs.partials.map(
        ({ partition, message }): AppendRecord => ({ partition, key: null, value: encodePartial(message) }),
      );
      const letters = outputs.deadLetters.map((letter) => deadLetterRecord(letter, lease.partition, ports.seal));
      // One send at a time: what a producer may have in flight without risking its order.
      await retry(ports.clock, signal, () => ports.log.append(TOPICS.windowsPartial, partials));
      if (letters.length > 0) await retry(ports.clock, signal, () => ports.log.append(TOPICS.deadLetters, letters));
      for (const { workspace, cut } of outputs.feed) {
        const write = {
          key: hotKeys.feed(workspace, cut.partition, cut.cut),
          field: FEED_FIELD,
          value: JSON.stringify(cut),
          expiresAtMs: cut.appendMs + FEED_TTL_MS,
        };
        await feed.write([write], hotTopics.feed(workspace), signal);
      }
    },
  };
}

function deadLetterRecord(letter: RejectedRecord, partition: number, seal: DeadLetterSealer): AppendRecord {
  const source = { topic: TOPICS.eventsRaw, partition, offset: letter.offset };
  const id = `${source.topic}/${partition}/${letter.offset}`;
  const value: DeadLetter = {
    v: 1,
    workspace: letter.workspace,
    reason: letter.reason,
    message: DEAD_LETTER_MESSAGES[letter.reason],
    source,
    id,
    schemaId: letter.schemaId,
    firstSeenMs: letter.appendMs,
    ...seal(letter.payload),
  };
  return { partition, key: utf8.encode(id), value: utf8.encode(JSON.stringify(value)) };
}
