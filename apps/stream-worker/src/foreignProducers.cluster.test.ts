import { randomUUID } from 'node:crypto';
import { RAW_EVENT_SCHEMA } from '@ebap/pipeline/contracts';
import { SYSTEM_WORKSPACE } from '@ebap/pipeline/hot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  aclListener,
  type ForeignEvent,
  type ForeignRecord,
  grantProducer,
  javaDefault,
  librdkafkaDefault,
  openForeignProducer,
  wireHeader,
  wireValue,
} from './testing/foreignProducer.ts';
import { startWorkerOnKafka, type WorkerOnKafka } from './testing/workerOnKafka.ts';

const WORKSPACE = 'acme';
const LIMIT = { timeout: 45_000, interval: 250 };
/** Of nobody: ids are given out from 1. */
const UNKNOWN_SCHEMA_ID = 2_000_000_000;

const [workspaceField, ...otherFields] = RAW_EVENT_SCHEMA.fields;
/** What producers wrote before pseudonyms. */
const OLDER = { ...RAW_EVENT_SCHEMA, fields: RAW_EVENT_SCHEMA.fields.filter(({ name }) => name !== 'pseudonym') };
/** What a producer writes that is a version ahead: one more field, before the others, and one more action. */
const NEWER = {
  ...RAW_EVENT_SCHEMA,
  fields: [
    { name: 'session_id', type: ['null', 'string'], default: null },
    workspaceField,
    ...otherFields.map((field) =>
      field.name === 'action'
        ? { ...field, type: { ...field.type, symbols: [...field.type.symbols, 'refund'], default: 'view' } }
        : field,
    ),
  ],
};

/** Schemas of other kinds, as Confluent's serialisers register them by themselves. */
const JSON_SCHEMA = '{"$schema":"http://json-schema.org/draft-07/schema#","title":"RawEvent","type":"object"}';
const PROTOBUF_SCHEMA = 'syntax = "proto3";\nmessage RawEvent {\n  string id = 1;\n}\n';

const eventOf = (user_id: string, changes: object = {}): ForeignEvent => ({
  workspace_id: WORKSPACE,
  user_id,
  ...changes,
});
const keyOf = ({ workspace_id, user_id }: ForeignEvent): string => `${workspace_id}:${user_id}`;

describe('producers that write to Kafka without the platform’s code', () => {
  let worker: WorkerOnKafka;
  let newerId: number;
  let java: Awaited<ReturnType<typeof openForeignProducer>>;
  const foreignIds = { json: 0, protobuf: 0 };
  /** Records sent so far that are to be counted, whoever sent them, and such that are not. */
  let sound = 0;
  const dead = { [WORKSPACE]: 0, [SYSTEM_WORKSPACE]: 0 };

  beforeAll(async () => {
    worker = await startWorkerOnKafka(WORKSPACE, { older: OLDER });
    newerId = (await worker.register(NEWER)).id;
    foreignIds.json = await worker.registerForeign('JSON', JSON_SCHEMA);
    foreignIds.protobuf = await worker.registerForeign('PROTOBUF', PROTOBUF_SCHEMA);
    java = await openForeignProducer(worker.topic);
  });
  afterAll(async () => {
    await java.close();
    await worker.stop();
  });

  const own = (event: ForeignEvent): Buffer => wireValue(RAW_EVENT_SCHEMA, worker.ownId, event);
  const counted = async () => (await worker.ledger(WORKSPACE)).counted ?? 0;

  test('an event of this version, of the one before and of the next one are counted alike', async () => {
    const events = ['ada', 'bo', 'cy'].map((user) =>
      eventOf(user, { action: 'purchase', metadata: { amount: Buffer.from([0x0b, 0x6d, 0xd8]), currency: 'EUR' } }),
    );
    const versions = [
      [RAW_EVENT_SCHEMA, worker.ownId],
      [OLDER, worker.olderId],
      [NEWER, newerId],
    ] as const;
    for (const [i, [schema, id]] of versions.entries()) {
      const event = { session_id: null, ...(events[i] ?? eventOf('dee')) };
      await java.send({ key: keyOf(event), value: wireValue(schema, id, event) });
      sound += 1;
    }
    await expect.poll(counted, LIMIT).toBe(sound);
  });

  test('librdkafka’s default partitioner is told by partition; what happens to be right is counted', async () => {
    const librdkafka = await openForeignProducer(worker.topic, librdkafkaDefault);
    const sent: (ForeignRecord & { readonly partition: number; readonly offset: number })[] = [];
    for (let n = 0; n < 24; n++) {
      const record = { key: `${WORKSPACE}:reader-${n}`, value: own(eventOf(`reader-${n}`)) };
      sent.push({ ...record, ...(await librdkafka.send(record)) });
    }
    await librdkafka.close();
    const letters = async () => {
      const found = await Promise.all(sent.map(({ partition, offset }) => worker.deadLetter(partition, offset)));
      return found.filter((letter) => letter !== undefined);
    };
    await expect.poll(async () => (await counted()) - sound + (await letters()).length, LIMIT).toBe(sent.length);
    const refused = await letters();
    // By chance one in four is where murmur2 puts it too.
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(sent.length);
    sound += sent.length - refused.length;
    dead[WORKSPACE] += refused.length;
    for (const { reason, workspace, source, schemaId, original } of refused) {
      const record = sent.find(({ partition, offset }) => partition === source?.partition && offset === source.offset);
      expect({ reason, workspace, schemaId }).toEqual({
        reason: 'wrong_partition',
        workspace: WORKSPACE,
        schemaId: worker.ownId,
      });
      expect(original.equals(record?.value ?? Buffer.alloc(0))).toBe(true);
    }
    // The repair: the same bytes again, by the right partitioner. Nothing was remembered of them, so they count.
    for (const { source } of refused) {
      const record = sent.find(({ partition, offset }) => partition === source?.partition && offset === source.offset);
      if (record !== undefined) await java.send({ key: record.key, value: record.value });
      sound += 1;
    }
    await expect.poll(counted, LIMIT).toBe(sound);
  });

  const json = JSON.stringify({ ...eventOf('ada'), id: randomUUID(), action: 'view', timestamp: 1_795_255_200_000 });
  const refusals: readonly {
    readonly of: string;
    readonly reason: string;
    readonly workspace?: typeof WORKSPACE;
    readonly schemaId: () => number | null;
    readonly record: () => ForeignRecord;
  }[] = [
    {
      of: 'JSON in place of Avro',
      reason: 'unknown_schema',
      schemaId: () => null,
      record: () => ({ key: `${WORKSPACE}:ada`, value: Buffer.from(json) }),
    },
    {
      of: 'a schema id that nobody registered',
      reason: 'unknown_schema',
      schemaId: () => UNKNOWN_SCHEMA_ID,
      record: () => ({
        key: `${WORKSPACE}:ada`,
        value: wireValue(RAW_EVENT_SCHEMA, UNKNOWN_SCHEMA_ID, eventOf('ada')),
      }),
    },
    {
      of: 'the id of a JSON Schema',
      reason: 'unknown_schema',
      schemaId: () => foreignIds.json,
      record: () => ({
        key: `${WORKSPACE}:ada`,
        value: Buffer.concat([wireHeader(foreignIds.json), Buffer.from(json)]),
      }),
    },
    {
      of: 'the id of a Protobuf schema',
      reason: 'unknown_schema',
      schemaId: () => foreignIds.protobuf,
      record: () => ({
        key: `${WORKSPACE}:ada`,
        value: Buffer.concat([wireHeader(foreignIds.protobuf), Buffer.from([0, 10, 1, 97])]),
      }),
    },
    {
      of: 'another shape than the schema that it names',
      reason: 'malformed_avro',
      schemaId: () => newerId,
      record: () => ({ key: `${WORKSPACE}:ada`, value: wireValue(OLDER, newerId, eventOf('ada')) }),
    },
    {
      of: 'a key without the workspace',
      reason: 'wrong_key',
      schemaId: () => worker.ownId,
      record: () => ({ key: 'ada', value: own(eventOf('ada')) }),
    },
    {
      of: 'the key of another user',
      reason: 'wrong_key',
      schemaId: () => worker.ownId,
      record: () => ({ key: `${WORKSPACE}:bo`, value: own(eventOf('ada')) }),
    },
    {
      of: 'no key',
      reason: 'wrong_key',
      schemaId: () => worker.ownId,
      record: () => ({ key: null, value: own(eventOf('ada')) }),
    },
    {
      of: 'a workspace that does not exist',
      reason: 'unknown_workspace',
      schemaId: () => worker.ownId,
      record: () => ({ key: 'nowhere:ada', value: own({ workspace_id: 'nowhere', user_id: 'ada' }) }),
    },
    {
      of: 'an action that this version does not know',
      reason: 'unknown_action',
      workspace: WORKSPACE,
      schemaId: () => newerId,
      record: () => ({
        key: `${WORKSPACE}:ada`,
        value: wireValue(NEWER, newerId, eventOf('ada', { action: 'refund', session_id: null })),
      }),
    },
    {
      of: 'seconds in place of milliseconds',
      reason: 'invalid_timestamp',
      workspace: WORKSPACE,
      schemaId: () => worker.ownId,
      record: () => ({ key: `${WORKSPACE}:ada`, value: own(eventOf('ada', { timestamp: 1_795_255_200 })) }),
    },
    {
      of: 'a tombstone',
      reason: 'invalid_record',
      schemaId: () => null,
      record: () => ({ key: `${WORKSPACE}:ada`, value: null }),
    },
  ];

  test.each(refusals)('$of is a dead letter: $reason', async ({ reason, workspace, schemaId, record }) => {
    const sent = record();
    const { partition, offset } = await java.send(sent);
    await expect.poll(() => worker.deadLetter(partition, offset), LIMIT).toBeDefined();
    const letter = await worker.deadLetter(partition, offset);
    expect(letter).toMatchObject({
      reason,
      workspace: workspace ?? SYSTEM_WORKSPACE,
      schemaId: schemaId(),
      source: { topic: 'ebap.events.raw', partition, offset },
      sealed: true,
    });
    expect(letter?.original.equals(sent.value ?? Buffer.alloc(0))).toBe(true);
    dead[workspace ?? SYSTEM_WORKSPACE] += 1;
  });

  test('a principal with Write and Describe on the topic produces idempotently, over TLS and SCRAM, and no further', async () => {
    const event = eventOf('eve');
    const record = { key: keyOf(event), value: own(event) };
    const send = async (topic: string): Promise<string> => {
      try {
        await using producer = await openForeignProducer(topic, javaDefault, aclListener());
        await producer.send(record);
        return 'sent';
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    };
    expect(await send(worker.topic)).toMatch(/authori/i);
    await grantProducer(worker.topic);
    // Brokers learn of rights by and by. Whatever was sent twice is the same event.
    await expect.poll(() => send(worker.topic), LIMIT).toBe('sent');
    sound += 1;
    await expect.poll(counted, LIMIT).toBe(sound);
    expect(await send(worker.topic.replace('events.raw', 'dlq'))).toMatch(/authori/i);
  });

  test('after all that every partition runs, the next event counts, and every record is in the ledger', async () => {
    const event = eventOf('zoe');
    await java.send({ key: keyOf(event), value: own(event) });
    sound += 1;
    await expect.poll(counted, LIMIT).toBe(sound);
    expect(worker.faults).toEqual([]);
    expect(worker.owned()).toBe(worker.expectedPartitions);
    expect(worker.states()).toEqual(new Set(['running']));
    for (const [workspace, count] of Object.entries(dead)) {
      const letters = async () =>
        Object.entries(await worker.ledger(workspace))
          .filter(([outcome]) => outcome.startsWith('dead:'))
          .reduce((sum, [, letters]) => sum + letters, 0);
      await expect.poll(letters, LIMIT).toBe(count);
    }
  });
});
