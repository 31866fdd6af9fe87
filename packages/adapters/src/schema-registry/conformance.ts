import { randomUUID } from 'node:crypto';
import { isAppError } from '@ebap/pipeline/errors';
import type { SchemaRegistry } from '@ebap/pipeline/ports';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** A registry for all tests of the suite: each test uses subjects of its own. */
export interface SchemaRegistryUnderTest {
  readonly registry: SchemaRegistry;
  /** Another client of the same data. */
  open(): SchemaRegistry;
  dispose(): Promise<void>;
}

export type SchemaRegistryFactory = () => Promise<SchemaRegistryUnderTest>;

const newSubject = (): string => `conformance-${randomUUID()}-value`;

/** A record named after the subject, so that no other test registers the same schema. */
function schemaOf(
  subject: string,
  ...fields: readonly (readonly [name: string, type: string, value?: unknown])[]
): string {
  const list = fields.map(([name, type, value]) => ({
    name,
    type,
    ...(value === undefined ? {} : { default: value }),
  }));
  return JSON.stringify({ type: 'record', name: `S${subject.replaceAll('-', '')}`, fields: list });
}

/** What every adapter of the port `SchemaRegistry` does. */
export function describeSchemaRegistry(name: string, factory: SchemaRegistryFactory): void {
  describe(`SchemaRegistry: ${name}`, () => {
    let made: SchemaRegistryUnderTest;
    beforeAll(async () => {
      made = await factory();
    });
    afterAll(() => made.dispose());

    test('a subject nobody registered has no versions', async () => {
      const subject = newSubject();
      expect(await made.registry.latest(subject)).toBeNull();
      expect(await made.registry.versions(subject)).toEqual([]);
      expect(await made.registry.checkCompatibility(subject, '"string"')).toEqual({ compatible: true });
    });

    test('a registered schema is found by id, as latest, and among the versions', async () => {
      const { registry } = made;
      const subject = newSubject();
      const first = await registry.register(subject, schemaOf(subject, ['a', 'int']));
      const second = await registry.register(subject, schemaOf(subject, ['a', 'long'], ['b', 'string', '']));
      expect([first.version, second.version]).toEqual([1, 2]);
      expect(second.id).toBeGreaterThan(first.id);
      expect(JSON.parse(first.schema)).toEqual(JSON.parse(schemaOf(subject, ['a', 'int'])));
      expect(await made.open().byId(first.id)).toEqual(first);
      expect(await made.open().latest(subject)).toEqual(second);
      expect(await registry.versions(subject)).toEqual([first, second]);
    });

    test('registering again finds what is there, whatever the form of the text', async () => {
      const { registry } = made;
      const subject = newSubject();
      const first = await registry.register(subject, schemaOf(subject, ['a', 'int']));
      await registry.register(subject, schemaOf(subject, ['a', 'int'], ['b', 'int', 0]));
      const spaced = JSON.stringify(JSON.parse(schemaOf(subject, ['a', 'int'])), null, 4);
      expect(await registry.register(subject, spaced)).toEqual(first);
      expect(await made.open().register(subject, spaced)).toEqual(first);
      expect(await registry.versions(subject)).toHaveLength(2);
    });

    test('ids are global: the same schema under another subject has the same id', async () => {
      const { registry } = made;
      const [one, other] = [newSubject(), newSubject()];
      const schema = schemaOf(one, ['a', 'int']);
      const first = await registry.register(one, schema);
      const second = await registry.register(other, schema);
      expect(second).toMatchObject({ id: first.id, subject: other, version: 1 });
      expect((await registry.byId(first.id)).schema).toBe(first.schema);
    });

    test('defaults and logical types are part of a schema', async () => {
      const { registry } = made;
      const subject = newSubject();
      const ids = new Set<number>();
      for (const value of [0, 1])
        ids.add((await registry.register(subject, schemaOf(subject, ['a', 'int', value]))).id);
      expect(ids.size).toBe(2);
    });

    test('an incompatible schema is refused with the reasons, against all versions', async () => {
      const { registry } = made;
      const subject = newSubject();
      await registry.register(subject, schemaOf(subject, ['a', 'int']));
      await registry.register(subject, schemaOf(subject));
      // Reads version 2, which has no field at all, but not version 1.
      const candidate = schemaOf(subject, ['a', 'string', '']);
      const checked = await registry.checkCompatibility(subject, candidate);
      expect(checked).toMatchObject({ compatible: false });
      expect(checked.compatible ? [] : checked.reasons.join()).toMatch(/1.*int/);
      await expect(registry.register(subject, candidate)).rejects.toMatchObject({
        code: 'incompatible_schema',
        retryable: false,
      });
      expect(await registry.versions(subject)).toHaveLength(2);
      expect(await registry.checkCompatibility(subject, schemaOf(subject, ['a', 'long', 0]))).toEqual({
        compatible: true,
      });
    });

    test.each(['{', '"nothing"', '{"type":"record"}'])('%s is no schema', async (text) => {
      const { registry } = made;
      for (const call of [() => registry.register('x', text), () => registry.checkCompatibility('x', text)])
        await expect(call()).rejects.toSatisfy((error) => isAppError(error, 'bad_request'));
    });

    test.each([0, -1, 2_147_483_647, 4_000_000_000, 1.5])('there is no schema %d', async (id) => {
      await expect(made.registry.byId(id)).rejects.toMatchObject({ code: 'not_found', retryable: false });
    });

    test('of many that register the same schema at once, all get the same id and version', async () => {
      const subject = newSubject();
      const clients = [made.registry, made.open(), made.open()];
      const schema = schemaOf(subject, ['a', 'int']);
      const all = await Promise.all(Array.from({ length: 12 }, (_, i) => clients[i % 3]?.register(subject, schema)));
      expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
      expect(await made.registry.versions(subject)).toHaveLength(1);
    });

    test('of two that contradict each other exactly one is registered', async () => {
      const [one, other] = [made.registry, made.open()];
      for (let round = 0; round < 10; round++) {
        const subject = newSubject();
        const results = await Promise.allSettled([
          one.register(subject, schemaOf(subject, ['a', 'int'])),
          other.register(subject, schemaOf(subject, ['a', 'string'])),
        ]);
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await one.versions(subject)).toHaveLength(1);
      }
    });

    test('versions are dense, however many register at once', async () => {
      const subject = newSubject();
      const clients = [made.registry, made.open()];
      await Promise.all(
        Array.from({ length: 10 }, (_, i) => clients[i % 2]?.register(subject, schemaOf(subject, [`f${i}`, 'int', 0]))),
      );
      const versions = await made.registry.versions(subject);
      expect(versions.map(({ version }) => version)).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
    });
  });
}
