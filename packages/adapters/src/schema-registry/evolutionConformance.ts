import { randomUUID } from 'node:crypto';
import {
  decodeRawEvent,
  encodeRawEvent,
  RAW_EVENT_SCHEMA,
  type RawEvent,
  RawEventView,
} from '@ebap/pipeline/contracts';
import { type LogBatch, packBatch, type RegisteredSchema, type SchemaRegistry } from '@ebap/pipeline/ports';
import { wireSchemaId } from '@ebap/pipeline/tasks';
import avro from 'avsc';
import { describe, expect, test } from 'vitest';
import { openSchemaVersions } from './schemaVersions.ts';

const EVENT: RawEvent = {
  workspaceId: 'meridian',
  id: '00000000-0000-4000-8000-000000000001',
  userId: 'ada',
  action: 'purchase',
  timestampMs: 1_795_255_200_000,
  location: 'eu-west-1',
  platform: 'ios',
  itemId: 'lamp',
  amountUnits: 1_234_500,
  currency: 'EUR',
  emailSealed: null,
  paymentHashSealed: null,
  extra: { campaign: 'x' },
  pseudonym: 'p',
};

const [workspace, ...rest] = RAW_EVENT_SCHEMA.fields;
/** The next version: a field before the others, and one more action. */
const NEXT = {
  ...RAW_EVENT_SCHEMA,
  fields: [
    { name: 'session_id', type: ['null', 'string'], default: null },
    workspace,
    ...rest.map((field) =>
      field.name === 'action'
        ? { ...field, type: { ...field.type, symbols: ['refund', ...field.type.symbols], default: 'view' } }
        : field,
    ),
  ],
};
/** The version before: nobody had a pseudonym. */
const BEFORE = { ...RAW_EVENT_SCHEMA, fields: RAW_EVENT_SCHEMA.fields.filter(({ name }) => name !== 'pseudonym') };

/** The event as a producer with another version of the schema writes it. */
function written(schema: object, schemaId: number, changes: object): Uint8Array {
  const own = avro.Type.forSchema(structuredClone<object>(RAW_EVENT_SCHEMA) as avro.Schema);
  const event = own.fromBuffer(Buffer.from(encodeRawEvent(EVENT, schemaId).subarray(5)));
  const body = avro.Type.forSchema(structuredClone(schema) as avro.Schema).toBuffer({ ...event, ...changes });
  const header = Buffer.alloc(5);
  header.writeUInt32BE(schemaId, 1);
  return Buffer.concat([header, body]);
}

function batchOf(values: readonly Uint8Array[]): LogBatch {
  return packBatch(
    { topic: 't', partition: 0, nextOffset: values.length, endOffset: values.length, readThroughMs: 0 },
    values.map((value, offset) => ({ offset, appendTimeMs: 1, key: null, value })),
  );
}

/** A worker of one version among producers of others, on one registry. */
export function describeEvolution(name: string, open: () => Promise<SchemaRegistry>): void {
  describe(`Schema evolution: ${name}`, () => {
    async function registered(...schemas: readonly object[]) {
      const registry = await open();
      const subject = `evolution-${randomUUID()}-value`;
      const found: RegisteredSchema[] = [];
      for (const schema of schemas) found.push(await registry.register(subject, JSON.stringify(schema)));
      return { registry, subject, found };
    }

    /** The events as the worker sees them after it has prepared for their batch; null where it can't read one. */
    async function read(registry: SchemaRegistry, own: RegisteredSchema | undefined, values: readonly Uint8Array[]) {
      if (own === undefined) throw new Error('nothing is registered');
      const schemas = openSchemaVersions({ registry, own, nowMs: () => 0 });
      await schemas.prepare(batchOf(values))?.();
      expect(schemas.prepare(batchOf(values))).toBe(null);
      return values.map((value) => {
        const reader = schemas.reader(wireSchemaId(value, 0, value.length));
        const body = reader === 'as-is' ? value.subarray(5) : (reader?.(value, 5, value.length) ?? null);
        if (body === null) return null;
        const view = new RawEventView();
        expect(decodeRawEvent(body, 0, body.length, view)).toBe('ok');
        const text = (from: number, to: number) => Buffer.from(view.bytes.subarray(from, to)).toString();
        return {
          user: text(view.userStart, view.userEnd),
          action: view.action,
          amountUnits: view.amountUnits,
          item: text(view.itemStart, view.itemEnd),
          pseudonym: view.pseudonymStart < 0 ? null : text(view.pseudonymStart, view.pseudonymEnd),
        };
      });
    }

    const seen = { user: 'ada', action: 2, amountUnits: 1_234_500, item: 'lamp', pseudonym: 'p' };

    test('a worker reads its own version, an older and a newer one side by side', async () => {
      const { registry, found } = await registered(BEFORE, RAW_EVENT_SCHEMA, NEXT);
      const [before = -1, own = -1, next = -1] = found.map(({ id }) => id);
      const values = [
        written(BEFORE, before, {}),
        encodeRawEvent(EVENT, own),
        written(NEXT, next, { session_id: 's' }),
      ];
      expect(await read(registry, found[1], values)).toEqual([{ ...seen, pseudonym: null }, seen, seen]);
    });

    test('an action that the worker does not know yet is told as unknown, not taken for another', async () => {
      const { registry, found } = await registered(RAW_EVENT_SCHEMA, NEXT);
      const value = written(NEXT, found[1]?.id ?? 0, { session_id: null, action: 'refund' });
      expect(await read(registry, found[0], [value])).toEqual([{ ...seen, action: -1 }]);
    });

    test('an id of nothing, or of something else, can’t be read', async () => {
      const { registry, found } = await registered(RAW_EVENT_SCHEMA);
      const other = await registry.register(`other-${randomUUID()}-value`, '"string"');
      const values = [encodeRawEvent(EVENT, 2_000_000_000), encodeRawEvent(EVENT, other.id)];
      expect(await read(registry, found[0], values)).toEqual([null, null]);
    });

    test('a version that could not read what lies on the log is refused with the reason', async () => {
      const { registry, subject } = await registered(RAW_EVENT_SCHEMA);
      const wrong = { ...RAW_EVENT_SCHEMA, fields: [...RAW_EVENT_SCHEMA.fields, { name: 'must', type: 'int' }] };
      await expect(registry.register(subject, JSON.stringify(wrong))).rejects.toMatchObject({
        code: 'incompatible_schema',
        message: expect.stringContaining('must: the field is new and has no default'),
      });
    });
  });
}
