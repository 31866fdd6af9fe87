import { randomUUID } from 'node:crypto';
import type { Permission } from '@ebap/pipeline/access';
import { type PipelinePayload, TOPICS } from '@ebap/pipeline/contracts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEMO_ACCOUNTS } from './idp/people.ts';
import { DEMO_KEY, startWeb, type WebHarness } from './testing/webHarness.ts';

let web: WebHarness;

beforeAll(async () => {
  web = await startWeb();
}, 120_000);

afterAll(async () => {
  await web.stop();
});

async function signedIn(subject: string) {
  const browser = web.browser();
  await browser.signIn(subject);
  return browser;
}

describe('ingestion into the real stores', () => {
  const post = (events: unknown, key = DEMO_KEY) =>
    fetch(`${web.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(events),
    });
  const event = (over: object = {}) => ({
    id: randomUUID(),
    user_id: `u-${randomUUID()}`,
    action: 'purchase',
    timestamp: Date.now(),
    metadata: { amount: '9.90', email: 'ada@example.test' },
    ...over,
  });

  it('takes events with the demo key, makes keys for new people and none for erased ones', async () => {
    const ended = async () => {
      const ends = await Promise.all([0, 1, 2, 3].map((p) => web.stores.log.offsets(TOPICS.eventsRaw, p)));
      return ends.reduce((sum, one) => sum + one.end, 0);
    };
    const before = await ended();
    await web.stores.db.subjectKeys.destroy('meridian', 'erased', 'test');
    const response = await post([event(), event(), event({ user_id: 'erased' })]);
    expect([response.status, await response.json()]).toEqual([202, { accepted: 3, rejected: [] }]);
    expect((await ended()) - before).toBe(3);
  });

  it('shows refused records to who may read dead letters, with sensitive values withheld', async () => {
    await post([event({ id: 'not-a-uuid', metadata: { email: 'ada@example.test', note: '<img onerror=x>' } })]);
    const browser = await signedIn('demo-analyst');
    browser.jar.set('ebap-workspace', 'meridian');
    const letters = (await browser.deadLetters('invalid_id')) as { preview: string; source: null }[];
    expect(letters[0]?.source).toBeNull();
    expect(letters[0]?.preview).toContain('<img onerror=x>');
    expect(letters[0]?.preview).toContain('[withheld]');
    browser.jar.set('ebap-workspace', 'acme');
    expect(await browser.deadLetters('invalid_id')).toEqual([]);
  });

  it('agrees with the list of letters about what the edge refused', async () => {
    await post([event({ action: 'buy' }), event({ action: 'sell' })]);
    const browser = await signedIn('demo-analyst');
    browser.jar.set('ebap-workspace', 'meridian');
    const status = (await vi.waitUntil(
      async () => {
        const told = (await browser.query('pipeline.status')) as PipelinePayload;
        return told.deadLetters.some((one) => one.reason === 'unknown_action') ? told : null;
      },
      { timeout: 5_000 },
    )) as PipelinePayload;
    const letters = (await browser.deadLetters('unknown_action')) as readonly unknown[];
    const summary = status.deadLetters.find((one) => one.reason === 'unknown_action');
    expect(summary).toMatchObject({ atEdge: letters.length, onLog: 0 });
    const refused = status.ledger.reduce((sum, minute) => sum + minute.refused, 0);
    expect(status.deadLetters.reduce((sum, one) => sum + one.atEdge, 0)).toBe(refused);
  });

  it('shows user ids of refused records to the roles that may see them, and masks them for the others', async () => {
    const person = `u-${randomUUID()}`;
    await post([event({ id: 'not-a-uuid', user_id: person, metadata: { note: `of ${person}` } })]);
    for (const { subject } of DEMO_ACCOUNTS) {
      const browser = await signedIn(subject);
      const me = await browser.query('me');
      const permissions: readonly Permission[] =
        me === 'FORBIDDEN' ? [] : (me as { permissions: Permission[] }).permissions;
      browser.jar.set('ebap-workspace', 'meridian');
      const answer = JSON.stringify(await browser.deadLetters('invalid_id'));
      expect([subject, answer.includes(person)]).toEqual([subject, permissions.includes('read:personal_ids')]);
      expect([subject, answer.includes('[masked]')]).toEqual([subject, subject === 'demo-analyst']);
    }
  });

  it('opens letters of no known workspace to admins alone, and audits reading and refusal', async () => {
    const letter = {
      v: 1,
      workspace: '_system',
      reason: 'unknown_workspace',
      message: 'm',
      source: null,
      id: 'stray',
      schemaId: null,
      firstSeenMs: Date.now(),
      payload: Buffer.from('{"user_id":"stray-person"}').toString('base64'),
      sealed: false,
    };
    const value = Buffer.from(JSON.stringify(letter));
    await web.stores.log.append(TOPICS.deadLetters, [{ partition: 0, key: null, value }]);
    for (const { subject } of DEMO_ACCOUNTS) {
      const browser = await signedIn(subject);
      const listed = await browser.query('deadLetters.list', { reason: null, limit: 5, scope: 'system' });
      const one = await browser.query('deadLetters.get', { id: 'stray', scope: 'system' });
      if (subject === 'demo-admin') {
        expect(listed).toMatchObject([{ id: 'stray', preview: expect.stringContaining('stray-person') }]);
        expect(one).toMatchObject({ id: 'stray' });
        expect(await browser.query('deadLetters.get', { id: 'stray' })).toBe('NOT_FOUND');
      } else expect([subject, listed, one]).toEqual([subject, 'FORBIDDEN', 'FORBIDDEN']);
      const status = await browser.query('pipeline.status');
      const told = typeof status === 'string' ? null : (status as PipelinePayload).systemDeadLetters;
      expect([subject, told !== null]).toEqual([subject, subject === 'demo-admin']);
    }
    const audited = (await web.stores.db.audit.pending(1_000)).filter((entry) => entry.detail.scope === 'system');
    const kinds = audited.map((entry) => entry.kind);
    expect(kinds.filter((kind) => kind === 'dead_letters_read')).toHaveLength(2);
    expect(kinds.filter((kind) => kind === 'refused')).toHaveLength(2);
  });

  it('stops a revoked key', async () => {
    const { id, text } = await web.stores.db.apiKeys.create('meridian', 'short-lived');
    expect((await post([], text)).status).toBe(202);
    await web.stores.db.apiKeys.revoke('meridian', id);
    await vi.waitUntil(async () => (await post([], text)).status === 401, { timeout: 30_000, interval: 250 });
  });

  it('writes identified people as users, and maps event names by the table of the workspace', async () => {
    const headers = { authorization: `Basic ${Buffer.from(`${DEMO_KEY}:`).toString('base64')}` };
    const traits = { email: 'grace@example.test', tier: 'platinum', country: 'US', name: 'Grace' };
    const batch = [
      { type: 'identify', userId: 'grace', traits },
      { type: 'track', userId: 'grace', event: 'Added to Cart' },
    ];
    const response = await fetch(`${web.url}/v1/batch`, { method: 'POST', headers, body: JSON.stringify({ batch }) });
    expect(response.status).toBe(200);
    expect(await web.stores.db.users.get('meridian', 'grace')).toMatchObject({
      tier: 'platinum',
      displayName: 'Grace',
    });
    const metrics = await (await fetch(`${web.internalUrl}/metrics`)).text();
    expect(metrics).not.toContain('ebap_ingest_unmapped_total{type="track"}');
  });
});

it('writes the reading of letters to the audit trail, and logged no fault in all this', async () => {
  const kinds = (await web.stores.db.audit.pending(1_000)).map((entry) => entry.kind);
  expect(kinds).toContain('dead_letters_read');
  expect(web.faults).toEqual([]);
});
