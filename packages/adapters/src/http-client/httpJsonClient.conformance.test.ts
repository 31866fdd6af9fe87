import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type HttpEndpoint, HttpJsonClient } from './index.ts';
import { type Gateway, startGateway } from './testing/gateway.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.seen.length = 0;
});

const client = (settings: Partial<HttpEndpoint> = {}): HttpJsonClient =>
  new HttpJsonClient('The service', { url: `${gateway.url}/base/`, timeoutMs: 5_000, maxTries: 3, ...settings });
const get = { method: 'GET', path: '/things?x=1' } as const;

function answer(status: number, body: string, type = 'application/json'): void {
  gateway.answer((_, response) => {
    response.writeHead(status, { 'content-type': type }).end(body);
    return true;
  });
}

test('what is sent arrives below the base address, and the answer is parsed', async () => {
  let sent = '';
  gateway.answer((request, response) => {
    request.setEncoding('utf8').on('data', (chunk: string) => {
      sent += chunk;
    });
    request.on('end', () => response.writeHead(201).end(`{"type":"${request.headers['content-type']}"}`));
    return true;
  });
  const posted = await client().call({ method: 'POST', path: '/things', body: { name: 'ü' } });
  expect(posted).toEqual({ status: 201, json: { type: 'application/json' } });
  expect(sent).toBe('{"name":"ü"}');
  expect(gateway.seen).toEqual(['POST /base/things']);
});

test('an empty body is null, and 4xx is the caller’s matter', async () => {
  answer(204, '');
  expect(await client().call(get)).toEqual({ status: 204, json: null });
  answer(409, '{"message":"no"}');
  expect(await client().call(get)).toEqual({ status: 409, json: { message: 'no' } });
});

test.each([
  [{ kind: 'basic', username: 'ann', password: 'p:ü' } as const, `Basic ${Buffer.from('ann:p:ü').toString('base64')}`],
  [{ kind: 'bearer', token: 'abc' } as const, 'Bearer abc'],
])('credentials go as %o', async (credentials, header) => {
  gateway.answer((request, response) => {
    response.end(JSON.stringify(request.headers.authorization ?? null));
    return true;
  });
  expect(await client({ credentials }).call(get)).toEqual({ status: 200, json: header });
});

describe('faults', () => {
  test.each([500, 503, 429])('%d is tried again, then `unavailable` with what was said', async (status) => {
    answer(status, '{"message":"out of order"}');
    await expect(client().call(get)).rejects.toMatchObject({
      ...{ code: 'unavailable', retryable: true },
      message: `The service at ${gateway.url}/base answered ${status}: out of order`,
    });
    expect(gateway.seen).toHaveLength(3);
  });

  test('a try that mends is no fault', async () => {
    gateway.answer((_, response) => {
      response.writeHead(gateway.seen.length < 3 ? 409 : 200).end('1');
      return true;
    });
    expect(await client().call({ ...get, retryOn: [409] })).toEqual({ status: 200, json: 1 });
  });

  test('refused credentials are a matter of configuration and not tried again; they are never told', async () => {
    answer(401, '{}');
    const credentials = { kind: 'basic', username: 'ann', password: 'hush' } as const;
    const fault: unknown = await client({ credentials })
      .call(get)
      .catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'configuration', retryable: false });
    expect(JSON.stringify(fault) + String(fault)).not.toContain('hush');
    answer(403, '{}');
    await expect(client().call(get)).rejects.toMatchObject({ code: 'configuration' });
    expect(gateway.seen).toHaveLength(2);
  });

  test('what is not JSON is `corrupt_data`', async () => {
    answer(200, '<html>Sign in</html>', 'text/html');
    await expect(client().call(get)).rejects.toMatchObject({
      ...{ code: 'corrupt_data', retryable: false, message: expect.stringContaining('text/html') },
    });
  });

  test('an answer that breaks off, never comes, or is endless is `unavailable`', async () => {
    gateway.answer((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{');
      setImmediate(() => response.destroy());
      return true;
    });
    await expect(client({ maxTries: 1 }).call(get)).rejects.toMatchObject({ code: 'unavailable' });
    gateway.answer(() => true);
    await expect(client({ maxTries: 1, timeoutMs: 100 }).call(get)).rejects.toMatchObject({
      ...{ code: 'unavailable', message: expect.stringContaining('no answer within 100 ms') },
    });
    gateway.answer((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 20, ' ')));
      };
      response.on('drain', more).on('error', () => {});
      more();
      return true;
    });
    await expect(client({ maxTries: 1 }).call(get)).rejects.toMatchObject({
      ...{ code: 'unavailable', message: expect.stringContaining('larger than') },
    });
  });

  test('a caller that stops waiting gets `cancelled`', async () => {
    gateway.answer(() => true);
    const stop = new AbortController();
    const call = client().call({ ...get, signal: stop.signal });
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled', retryable: false });
  });

  test('a service that is down is `unavailable`', async () => {
    await gateway.down();
    await expect(client({ maxTries: 2 }).call(get)).rejects.toMatchObject({
      ...{ code: 'unavailable', retryable: true, message: expect.stringContaining('ECONNREFUSED') },
    });
    await gateway.up();
  });

  test.each(['', 'registry:8081', 'ftp://x', 'http://ann:hush@x'])('%j is no address', (url) => {
    expect(() => client({ url })).toThrow(expect.objectContaining({ code: 'configuration' }));
    expect(() => client({ url })).not.toThrow(/hush/);
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
test.skipIf(!hasOpenssl)('a certificate is trusted by the authority given, and only then', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'http-client-'));
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
  ]);
  expect(made.status).toBe(0);
  const ca = await readFile(cert, 'utf8');
  const server = createServer({ key: await readFile(key), cert: ca }, (_, response) => response.end('true'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `https://127.0.0.1:${address.port}`;
  expect(await client({ url, ca }).call(get)).toEqual({ status: 200, json: true });
  await expect(client({ url }).call(get)).rejects.toMatchObject({ code: 'configuration', retryable: false });
  server.close();
  await rm(dir, { recursive: true });
});
