import { request } from 'node:http';
import { PERMISSIONS, type Permission, permissionsOf, ROLES } from '@ebap/pipeline/access';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FRESH_MS, StoredSessionAuthority } from '../src/server/session/authority.ts';
import { DEMO_ACCOUNTS } from './idp/people.ts';
import { DEFAULT_RECHECK_MS } from './live/gateway.ts';
import { RawSocket } from './testing/rawSocket.ts';
import { subscribe } from './testing/testBrowser.ts';
import { DEMO_KEY, startWeb, type WebHarness } from './testing/webHarness.ts';

let web: WebHarness;

beforeAll(async () => {
  web = await startWeb();
}, 120_000);

afterAll(async () => {
  await web.stop();
});

/** A raw request, with any `Host`. */
function raw(
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; headers: Record<string, unknown> }> {
  const { port } = new URL(web.url);
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (res) => {
      res.resume();
      res.once('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers }));
    })
      .once('error', reject)
      .end();
  });
}

/** Takes what the program's log says of it, so that only what nobody expected stays. */
function faultsOf(message: string): readonly string[] {
  return web.takeFaults((line) => line.includes(message));
}

async function signedIn(subject: string) {
  const browser = web.browser();
  await browser.signIn(subject);
  return browser;
}

describe('sign-in', () => {
  it('ends at the page asked for, with an opaque cookie that scripts can not read', async () => {
    const browser = web.browser();
    const page = await browser.signIn('demo-admin');
    expect([page.url, page.status]).toEqual([`${web.url}/live`, 200]);
    expect(browser.jar.get('ebap-session')).toMatch(/^[\w-]{43}$/);
    expect(await browser.query('me')).toMatchObject({ person: { name: 'Ada Lindqvist' }, roles: ['admin'] });
  });

  it('lists every demo person', async () => {
    const browser = web.browser();
    const { csrfToken } = JSON.parse((await browser.open('/api/auth/csrf')).text) as { csrfToken: string };
    const { text } = await browser.submit('/api/auth/signin/oidc', { csrfToken, callbackUrl: '/live', json: 'true' });
    const page = await browser.open((JSON.parse(text) as { url: string }).url);
    for (const { name } of DEMO_ACCOUNTS) expect(page.text).toContain(name);
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('gives each role its permissions and no others', async () => {
    for (const role of ROLES) {
      const account = DEMO_ACCOUNTS.find((one) => one.groups.includes(`ebap-${role.replaceAll('_', '-')}`));
      const browser = await signedIn(account?.subject ?? '');
      expect(await browser.query('me')).toMatchObject({ roles: [role], permissions: permissionsOf([role]) });
    }
  });

  it('of a person without a mapped group opens nothing, and says which groups there were', async () => {
    const browser = await signedIn('demo-visitor');
    expect(await browser.query('me')).toBe('FORBIDDEN');
    const outcome = await web.server.services.sessions.resolve(browser.jar.get('ebap-session') ?? null, null);
    expect(outcome).toMatchObject({ kind: 'no_role', groups: ['facilities'] });
    await expect(browser.socket()).rejects.toThrow('no_role');
  });

  it('as another person ends the session before', async () => {
    const browser = await signedIn('demo-admin');
    const first = browser.jar.get('ebap-session') ?? '';
    await browser.signOut();
    await browser.signIn('demo-support');
    expect(await browser.query('me')).toMatchObject({ roles: ['customer_support'] });
    expect(await web.stores.db.sessions.find(first)).toMatchObject({ kind: 'signed_out' });
  });

  it('again without signing out replaces the session', async () => {
    const browser = await signedIn('demo-admin');
    const first = browser.jar.get('ebap-session') ?? '';
    await browser.signIn('demo-admin');
    expect(browser.jar.get('ebap-session')).not.toBe(first);
    expect(await web.stores.db.sessions.find(first)).toEqual({ kind: 'signed_out', reason: 'revoked' });
  });
});

it('sign-out ends the session here and at the identity provider', async () => {
  const browser = await signedIn('demo-admin');
  const page = await browser.signOut();
  expect(page.url).toBe(`${web.url}/signin?reason=signed_out`);
  expect(browser.jar.has('ebap-session')).toBe(false);
  expect(browser.jar.has('idp-session')).toBe(false);
  expect(await browser.query('me')).toBe('UNAUTHORIZED');
});

it('a revoked session ends on HTTP and on sockets', async () => {
  const browser = await signedIn('demo-analyst');
  const socket = await browser.socket();
  const found = await web.stores.db.sessions.find(browser.jar.get('ebap-session') ?? '');
  if (found.kind === 'live') await web.stores.db.sessions.revoke(found.sessionId);
  await vi.waitUntil(async () => (await browser.query('me')) === 'UNAUTHORIZED', { timeout: 30_000, interval: 250 });
  await vi.waitUntil(() => socket.disconnected, { timeout: 30_000 });
});

it('a revocation acts within 10 s: no answer is older than its freshness, sockets ask again that often', async () => {
  expect(FRESH_MS + DEFAULT_RECHECK_MS).toBeLessThan(10_000);
  const { sessions } = web.stores.db;
  const browser = await signedIn('demo-analyst');
  const token = browser.jar.get('ebap-session') ?? '';
  let nowMs = 0;
  const authority = new StoredSessionAuthority(sessions, () => nowMs);
  expect(await authority.resolve(token, null)).toMatchObject({ kind: 'principal' });
  const found = await sessions.find(token);
  if (found.kind === 'live') await sessions.revoke(found.sessionId);
  nowMs = FRESH_MS;
  expect(await authority.resolve(token, null)).toMatchObject({ kind: 'signed_out' });
});

describe('access', () => {
  const CALLS: readonly (readonly [string, unknown, Permission])[] = [
    ['measures.catalog', undefined, 'read:measures'],
    ['regions.list', undefined, 'read:regions'],
    ['pipeline.status', undefined, 'read:pipeline_status'],
    ['pipeline.deadLetters', { reason: 'invalid_id', limit: 1 }, 'read:dead_letters'],
    ['deadLetters.groups', undefined, 'read:dead_letters'],
  ];

  it('follows the matrix on every procedure and role', async () => {
    for (const account of DEMO_ACCOUNTS) {
      const browser = await signedIn(account.subject);
      const me = await browser.query('me');
      const permissions = me === 'FORBIDDEN' ? [] : (me as { permissions: readonly string[] }).permissions;
      for (const [path, input, permission] of CALLS) {
        const isRefused = (await browser.query(path, input)) === 'FORBIDDEN';
        expect([account.subject, path, isRefused]).toEqual([account.subject, path, !permissions.includes(permission)]);
      }
    }
    expect(PERMISSIONS).toContain('read:dead_letters');
  });

  it('follows the matrix on sockets', async () => {
    const browser = await signedIn('demo-product');
    const socket = await browser.socket();
    expect(await subscribe(socket, { kind: 'feed', filter: {} })).toMatchObject({ code: 'forbidden' });
    expect(await subscribe(socket, { kind: 'regions' })).toEqual({ ok: true });
    socket.disconnect();
  });

  it('ignores a forged workspace', async () => {
    const browser = await signedIn('demo-devops');
    browser.jar.set('ebap-workspace', 'somebody_elses');
    expect(await browser.query('me')).toMatchObject({ workspace: { id: expect.stringMatching(/^(acme|meridian)$/) } });
    browser.jar.set('ebap-workspace', 'meridian');
    expect(await browser.query('me')).toMatchObject({ workspace: { id: 'meridian' } });
  });

  it('refuses tRPC calls of other sites and other content types', async () => {
    const browser = await signedIn('demo-admin');
    const refused = 'Requests of other sites are refused.';
    expect(await browser.query('me', undefined, { 'sec-fetch-site': 'cross-site' })).toBe(refused);
    expect(await browser.query('me', undefined, { 'sec-fetch-site': 'same-site' })).toBe(refused);
    expect(await browser.query('me', undefined, { origin: 'https://evil.example' })).toContain('other origins');
    expect(await browser.query('me', undefined, { 'sec-fetch-site': 'same-origin' })).toMatchObject({
      roles: ['admin'],
    });
    const form = await browser.submit('/api/trpc/sessions.endAll', {});
    expect(form.status).toBe(403);
  });
});

describe('the edge', () => {
  it('gives every page a policy with a nonce of its own, whatever the request claims', async () => {
    const browser = web.browser();
    const [first, second] = [await browser.open('/x', { headers: { 'x-nonce': 'forged' } }), await browser.open('/x')];
    const nonce = /data-nonce="([^"]+)"/.exec(first.text)?.[1] ?? '';
    expect(nonce).not.toBe('forged');
    expect(first.headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`);
    expect(second.text).not.toBe(first.text);
    expect(first.headers.get('x-content-type-options')).toBe('nosniff');
    expect(first.headers.get('referrer-policy')).toBe('same-origin');
    expect(first.headers.get('strict-transport-security')).toBeNull();
  });

  it('sends loopback names to the public one and refuses names that only point here', async () => {
    const { port } = new URL(web.url);
    const alias = await raw('/live?a=1', { host: `127.0.0.1:${port}` });
    expect([alias.status, alias.headers.location]).toEqual([307, `${web.url}/live?a=1`]);
    expect((await raw('/live', { host: 'evil.example' })).status).toBe(421);
    expect((await raw('/idp/auth', { host: 'evil.example' })).status).toBe(421);
    expect((await raw('/healthz', { host: 'evil.example' })).status).toBe(200);
  });

  it('answers below the socket path from one place', async () => {
    const polling = await fetch(`${web.url}/ws/?EIO=4&transport=polling`, { headers: { origin: web.url } });
    expect([polling.status, await polling.json()]).toEqual([
      400,
      expect.objectContaining({ message: 'Transport unknown' }),
    ]);
  });

  it('takes bodies of browsers up to a limit, of a known length, and a handful of calls at once', async () => {
    const post = async (path: string, headers: Record<string, string | number>) => {
      const socket = new RawSocket(web.url);
      const { host } = new URL(web.url);
      socket.begin(`POST ${path}`, { host, origin: web.url, 'content-type': 'application/json', ...headers });
      await vi.waitUntil(() => socket.status > 0);
      socket.close();
      return socket.status;
    };
    expect(await post('/api/auth/signin/oidc', { 'content-length': 65_537 })).toBe(413);
    expect(await post('/idp/interaction/1', { 'content-length': 65_537 })).toBe(413);
    expect(await post('/api/trpc/me', { 'content-length': (1 << 20) + 1 })).toBe(413);
    expect(await post('/api/trpc/me', { 'transfer-encoding': 'chunked' })).toBe(411);
    const browser = await signedIn('demo-admin');
    const batch = async (calls: number) => {
      const path = Array.from({ length: calls }, () => 'me').join(',');
      return (await browser.open(`/api/trpc/${path}?batch=1&input=%7B%7D`)).status;
    };
    expect(await batch(10)).toBe(200);
    expect(await batch(11)).toBe(400);
  });

  it('refuses targets that are no path of it, and requests of several hosts', async () => {
    const { host } = new URL(web.url);
    const statusOf = async (text: string) => {
      const socket = new RawSocket(web.url).write(text);
      await vi.waitUntil(() => socket.status > 0);
      socket.close();
      return socket.status;
    };
    expect(await statusOf(`OPTIONS * HTTP/1.1\r\nhost: ${host}\r\n\r\n`)).toBe(400);
    expect(await statusOf(`GET http://evil.example/live HTTP/1.1\r\nhost: ${host}\r\n\r\n`)).toBe(400);
    expect(await statusOf(`GET /api/trpc/% HTTP/1.1\r\nhost: ${host}\r\n\r\n`)).toBe(400);
    expect(await statusOf(`GET /x HTTP/1.1\r\nhost: ${host}\r\nHost: evil.example\r\n\r\n`)).toBe(400);
    expect(await statusOf(`GET /x HTTP/1.1\r\nhost: ${host}\r\n\r\n`)).toBe(200);
    const upgrade = `connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\norigin: ${web.url}\r\n\r\n`;
    const path = '/ws/?EIO=4&transport=websocket';
    expect(await statusOf(`GET ${path} HTTP/1.1\r\nhost: evil.example\r\n${upgrade}`)).toBe(400);
    expect(await statusOf(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nhost: ${host}\r\n${upgrade}`)).toBe(400);
    expect(faultsOf('socket refused')).toHaveLength(2);
  });

  it('answers in HTTP/1.1 whoever offers another protocol', async () => {
    const { host } = new URL(web.url);
    const h2c = {
      host,
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
    };
    expect((await raw('/healthz', h2c)).status).toBe(200);
    const socket = { host, connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-key': 'x', origin: web.url };
    expect((await raw('/elsewhere', socket)).status).toBe(200);
    const body = '[]';
    const headers = { ...h2c, authorization: `Bearer ${DEMO_KEY}`, 'content-type': 'application/json' };
    const sender = new RawSocket(web.url);
    sender.begin('POST /v1/events', { ...headers, 'content-length': body.length }).write(body);
    await vi.waitUntil(() => sender.text.includes('accepted'));
    expect(sender.status).toBe(202);
    sender.close();
  });

  it('tells health in brief on the public port, in detail and with metrics on the internal one', async () => {
    expect(await (await fetch(`${web.url}/readyz`)).json()).toEqual({ status: 'ready' });
    const details = (await (await fetch(`${web.internalUrl}/readyz`)).json()) as { checks: { name: string }[] };
    expect(details.checks.map((check) => check.name)).toEqual(['database', 'event_log', 'hot_store', 'workers']);
    const metrics = await fetch(`${web.internalUrl}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('application/openmetrics-text');
    const text = await metrics.text();
    expect(text).toContain('# TYPE ebap_ingest_accepted counter');
    expect(text).toContain('ebap_engine_up{engine="event_log"} 1');
    expect(text.endsWith('# EOF\n')).toBe(true);
    expect((await fetch(`${web.url}/metrics`)).headers.get('content-type')).not.toContain('openmetrics');
  });
});

it('writes sign-ins and refusals to the audit trail, and logged no fault in all this', async () => {
  const browser = await signedIn('demo-product');
  await browser.query('pipeline.status');
  const kinds = (await web.stores.db.audit.pending(1_000)).map((entry) => entry.kind);
  expect(kinds).toEqual(expect.arrayContaining(['login', 'logout', 'login_without_role', 'refused']));
  // No worker runs beside this server, and it says so.
  web.takeFaults((line) => line.includes('"engine":"workers"'));
  expect(web.faults).toEqual([]);
});
