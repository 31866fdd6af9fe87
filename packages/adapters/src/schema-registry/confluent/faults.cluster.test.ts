import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../../http-client/testing/gateway.ts';
import { engines } from '../../testing/engines.ts';
import { openConfluentSchemaRegistry } from '../index.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway(engines().registryUrl);
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.answer(() => false));

const open = (maxTries = 2) => openConfluentSchemaRegistry({ url: gateway.url, maxTries });
const newSubject = (): string => `faults-${randomUUID()}-value`;
const schemaOf = (subject: string): string =>
  JSON.stringify({ type: 'record', name: `F${subject.replaceAll('-', '')}`, fields: [{ name: 'a', type: 'int' }] });

function answerAll(status: number, body: unknown): void {
  gateway.answer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return true;
  });
}

test('a registry that is down at the start is asked again, and answers when it is up', async () => {
  await gateway.down();
  const registry = open();
  const subject = newSubject();
  await expect(registry.register(subject, schemaOf(subject))).rejects.toMatchObject({
    ...{ code: 'unavailable', retryable: true, message: expect.stringContaining(gateway.url) },
  });
  await expect(registry.byId(1)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await gateway.up();
  expect(await registry.register(subject, schemaOf(subject))).toMatchObject({ subject, version: 1 });
});

test('what is known is answered while the registry is down, the rest is `unavailable`', async () => {
  const registry = open();
  const subject = newSubject();
  const registered = await registry.register(subject, schemaOf(subject));
  await registry.byId(registered.id);
  await gateway.down();
  expect(await registry.byId(registered.id)).toEqual(registered);
  expect(await registry.register(subject, schemaOf(subject))).toEqual(registered);
  await expect(registry.latest(subject)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await expect(registry.checkCompatibility(subject, '"string"')).rejects.toMatchObject({ code: 'unavailable' });
  await gateway.up();
  expect(await registry.latest(subject)).toEqual(registered);
});

test('a registration whose answer was lost is found when it is repeated', async () => {
  const subject = newSubject();
  let cut = false;
  gateway.answer((request, response) => {
    const isRegistration = request.method === 'POST' && request.url?.endsWith('/versions') === true;
    if (!isRegistration || cut) return false;
    cut = true;
    // The registry does it; its answer goes nowhere.
    response.writeHead = () => {
      response.destroy();
      return response;
    };
    return false;
  });
  expect(await open().register(subject, schemaOf(subject))).toMatchObject({ subject, version: 1 });
  expect(cut).toBe(true);
  expect(await open().versions(subject)).toHaveLength(1);
});

test('5xx now and then is not noticed', async () => {
  const subject = newSubject();
  gateway.answer((_, response) => {
    if (gateway.seen.length % 2 === 0) return false;
    response.writeHead(503).end();
    return true;
  });
  expect(await open(4).register(subject, schemaOf(subject))).toMatchObject({ subject, version: 1 });
});

test.each([401, 403])('credentials refused with %d are a fault of configuration', async (status) => {
  answerAll(status, { error_code: status, message: 'who are you' });
  const registry = open();
  const calls = [() => registry.byId(1), () => registry.latest('x'), () => registry.register('x', '"string"')];
  for (const call of calls)
    await expect(call()).rejects.toMatchObject({
      code: 'configuration',
      retryable: false,
      message: expect.stringContaining(`${status}`),
    });
});

describe('what no schema registry says is `corrupt_data`', () => {
  test.each([
    ['nothing', null],
    ['a text', 'hello'],
    ['a list', [1]],
    ['an empty object', {}],
    ['an id beyond 32 bits', { id: 4_000_000_000, subject: 's', version: 1, schema: '"int"' }],
    ['an id in words', { id: 'one', subject: 's', version: 1, schema: '"int"' }],
    ['no schema', { id: 1, subject: 's', version: 1 }],
  ])('%s', async (_, body) => {
    answerAll(200, body);
    await expect(open().latest('x')).rejects.toMatchObject({ code: 'corrupt_data', retryable: false });
  });

  test('a page that says 404 is not the API saying that there is no such subject', async () => {
    answerAll(404, { title: 'Not Found' });
    await expect(open().latest('x')).rejects.toMatchObject({ code: 'configuration' });
    await expect(open().byId(1)).rejects.toMatchObject({ code: 'configuration' });
  });

  test('versions and places that are no numbers', async () => {
    answerAll(200, ['one']);
    await expect(open().versions('x')).rejects.toMatchObject({ code: 'corrupt_data' });
    gateway.answer((request, response) => {
      response.end(request.url?.endsWith('/versions') ? '[{"subject":1}]' : '{"schema":"\\"int\\""}');
      return true;
    });
    await expect(open().byId(1)).rejects.toMatchObject({ code: 'corrupt_data' });
  });
});

test('a schema whose subjects were deleted is still found by its id', async () => {
  gateway.answer((request, response) => {
    if (!request.url?.endsWith('/versions')) return false;
    response.end('[]');
    return true;
  });
  const subject = newSubject();
  const { id, schema } = await openConfluentSchemaRegistry({ url: engines().registryUrl }).register(
    subject,
    schemaOf(subject),
  );
  expect(await open().byId(id)).toEqual({ id, schema, subject: '', version: 0 });
});

test('reasons of the registry are told when ours find nothing against the schema', async () => {
  const subject = newSubject();
  await open().register(subject, schemaOf(subject));
  const verdict = (messages: unknown): void =>
    gateway.answer((request, response) => {
      if (!request.url?.startsWith(`${new URL(gateway.url).pathname}/compatibility`)) return false;
      response.end(JSON.stringify({ is_compatible: false, messages }));
      return true;
    });
  verdict(['a rule of the house']);
  expect(await open().checkCompatibility(subject, schemaOf(subject))).toEqual({
    compatible: false,
    reasons: ['a rule of the house'],
  });
  verdict(undefined);
  expect(await open().checkCompatibility(subject, schemaOf(subject))).toMatchObject({ compatible: false });
});
