import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { EngineId, EnginesView } from '../../src/server/engineStatus.ts';
import type { TestBrowser } from '../testing/testBrowser.ts';
import { DEMO_KEY, startWeb, type WebHarness } from '../testing/webHarness.ts';

/** A whole web process on real embedded engines; no worker runs beside it. */
let web: WebHarness;
let postgres: readonly number[];
const browsers = new Map<string, TestBrowser>();
const PATIENT = { timeout: 40_000, interval: 100 };

beforeAll(async () => {
  web = await startWeb();
  for (const subject of ['demo-devops', 'demo-product']) {
    const browser = web.browser();
    await browser.signIn(subject);
    browsers.set(subject, browser);
  }
  postgres = await processesOfDatabase();
}, 120_000);
// A test that failed half-way must not leave processes that can't end.
afterEach(() => signal('SIGCONT'));
afterAll(() => web.stop());

/** The server process of the harness's database and all it has started. */
async function processesOfDatabase(): Promise<readonly number[]> {
  const { rows } = await web.stores.db.pool.query<{ pid: string }>(
    "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid",
  );
  return [Number(rows[0]?.pid)];
}

function signal(name: 'SIGSTOP' | 'SIGCONT'): void {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const all = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const children = all.filter(([, parent]) => postgres.includes(parent ?? -1)).map(([pid]) => pid ?? 0);
  for (const pid of [...postgres, ...children])
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
}

async function statusOf(subject: string): Promise<EnginesView> {
  return (await browsers.get(subject)?.query('engines.status')) as EnginesView;
}

function stateOf(engine: EngineId): string | undefined {
  return web.server.services.engineStatus(['read:pipeline_status']).engines?.find((one) => one.engine === engine)
    ?.state;
}

async function ready(): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`${web.url}/readyz`);
  return { status: answer.status, text: await answer.text() };
}

function sendEvent(): Promise<Response> {
  const event = { id: randomUUID(), user_id: randomUUID(), action: 'view', timestamp: new Date().toISOString() };
  return fetch(`${web.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${DEMO_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify([{ ...event, metadata: {}, location: 'eu-central-1' }]),
  });
}

it('tells each role what it may know: a worker that never spoke is missed, by name or by what it means', async () => {
  await vi.waitUntil(() => stateOf('workers') === 'down', PATIENT);
  const devops = await statusOf('demo-devops');
  expect(devops.outages.map(({ title }) => title)).toEqual(['Stream workers do not answer']);
  expect(devops.engines?.map(({ label, state }) => `${label}: ${state}`)).toEqual([
    'PostgreSQL: up',
    'The event log: up',
    'The hot store: up',
    'Stream workers: down',
  ]);
  const product = await statusOf('demo-product');
  expect(product.engines).toBeNull();
  expect(product.outages.map(({ title }) => title)).toEqual(['Live numbers stand still']);
  expect(await ready()).toEqual({ status: 200, text: '{"status":"ready"}' });
});

it('is not answered for who is not signed in', async () => {
  expect(await web.browser().query('engines.status')).toBe('UNAUTHORIZED');
});

it('a database that hangs is told, refused for at once, and back by itself', async () => {
  expect((await sendEvent()).status).toBe(202);
  signal('SIGSTOP');
  await vi.waitUntil(() => stateOf('database') === 'down', PATIENT);
  expect((await ready()).status).toBe(503);
  expect((await fetch(`${web.url}/healthz`)).status).toBe(200);
  const metrics = await (await fetch(`${web.internalUrl}/metrics`)).text();
  expect(metrics).toContain('ebap_engine_up{engine="database"} 0');

  // A new person's key can't be made: nothing is acknowledged, and the sender is told when to come again.
  const answer = await sendEvent();
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  await answer.text();
  expect(metricOf(await (await fetch(`${web.internalUrl}/metrics`)).text(), 'breaker_open{breaker="database"}')).toBe(
    1,
  );

  signal('SIGCONT');
  await vi.waitUntil(() => stateOf('database') === 'up', PATIENT);
  await vi.waitUntil(async () => (await ready()).status === 200, PATIENT);
  await vi.waitUntil(async () => (await sendEvent()).status === 202, PATIENT);
  expect((await statusOf('demo-devops')).outages.map(({ key }) => key)).not.toContain('database');
});

function metricOf(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`ebap_${name} `));
  return Number(line?.split(' ').at(-1));
}
