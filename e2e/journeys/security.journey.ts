import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import pg from 'pg';
import { PEOPLE } from '../pages/people.ts';
import { type ForeignSite, startForeignSite } from '../platform/foreignSite.ts';
import { handshake, openSocket, subscribe } from '../platform/liveSocket.ts';
import type { PlatformAddress } from '../platform/platform.ts';
import { expect, test } from '../test.ts';

const FOREIGN_ORIGIN = 'http://elsewhere.example';
const FEED = { kind: 'feed', filter: {} };
const PIPELINE = { kind: 'pipeline' };

test.describe('a page of another origin, opened by somebody who is signed in', () => {
  let site: ForeignSite;
  test.beforeAll(async () => {
    site = await startForeignSite();
  });
  test.afterAll(() => site.stop());
  test.beforeEach(async ({ page, signIn }) => {
    await signIn.as(PEOPLE.admin);
    await page.goto(site.url);
  });

  test('cannot call the product by a form, which needs no permission', async ({ page, platform, watch }) => {
    // The refusal, and the icon that the browser looks for beside it.
    watch.expect(/status of 403|favicon/);
    const target = `${platform.url}/api/trpc/sessions.endAll`;
    const answer = page.waitForResponse(target);
    await page.evaluate(
      `document.body.innerHTML = '<form method="post" enctype="text/plain"><input name="{}" value=""></form>';
      document.forms[0].action = ${JSON.stringify(target)};
      document.forms[0].submit();`,
    );
    expect((await answer).status()).toBe(403);
    await page.waitForURL(target);
    // The session that the call was to end is still there.
    await page.goto('/live');
    await expect(page).toHaveURL(/\/live$/);
  });

  test('cannot call the product by script', async ({ page, platform, watch }) => {
    watch.expect(/blocked by CORS policy|ERR_FAILED/);
    const outcome = await page.evaluate(
      `fetch(${JSON.stringify(`${platform.url}/api/trpc/sessions.endAll`)}, {
        method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: '{}',
      }).then(() => 'sent', () => 'refused')`,
    );
    expect(outcome).toBe('refused');
  });

  test('cannot open a live connection', async ({ page, platform, watch }) => {
    watch.expect(/WebSocket connection to .* failed: .*40\d/);
    const url = `${platform.url.replace('http', 'ws')}/ws/?EIO=4&transport=websocket`;
    const outcome = await page.evaluate(
      `new Promise((resolve) => {
        const socket = new WebSocket(${JSON.stringify(url)});
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('refused');
      })`,
    );
    expect(outcome).toBe('refused');
  });

  test('cannot show the product in a frame', async ({ page, platform, watch }) => {
    watch.expect(/frame-ancestors|X-Frame-Options/i);
    await page.setContent(`<iframe src="${platform.url}/live"></iframe>`);
    await expect.poll(() => page.frames().some((frame) => frame.url().startsWith('chrome-error:'))).toBe(true);
  });
});

test('a live connection of a foreign origin or without a session is refused', async ({ context, signIn, platform }) => {
  const stranger = await openSocket(platform, context);
  expect(await handshake(stranger)).toBe('refused');
  await signIn.as(PEOPLE.admin);
  const foreign = await openSocket(platform, context, FOREIGN_ORIGIN);
  expect(await handshake(foreign)).toBe('refused');
  const own = await openSocket(platform, context);
  expect(await handshake(own)).toBe('open');
  own.disconnect();
});

const RIGHTS = [
  { person: PEOPLE.devops, feed: false, pipeline: true, letters: false },
  { person: PEOPLE.productManager, feed: false, pipeline: false, letters: false },
  { person: PEOPLE.dataAnalyst, feed: true, pipeline: true, letters: true },
  { person: PEOPLE.customerSupport, feed: true, pipeline: false, letters: false },
  { person: PEOPLE.admin, feed: true, pipeline: true, letters: true },
] as const;

for (const { person, feed, pipeline, letters } of RIGHTS) {
  test(`${person} gets from sockets and procedures what the role opens, and nothing else`, async ({
    page,
    context,
    signIn,
    platform,
  }) => {
    await signIn.as(person);
    const socket = await openSocket(platform, context);
    expect(await handshake(socket)).toBe('open');
    expect(await subscribe(socket, FEED)).toMatchObject(acknowledged(feed));
    expect(await subscribe(socket, PIPELINE)).toMatchObject(acknowledged(pipeline));
    expect(await subscribe(socket, { kind: 'now', filter: {} })).toEqual({ ok: true });
    // A workspace is not a producer's or a client's to name.
    const forged = { kind: 'now', filter: {}, workspaceId: 'acme' };
    expect(await subscribe(socket, forged)).toMatchObject({ ok: false, code: 'bad_request' });
    socket.disconnect();
    expect(await procedureStatus(page, 'pipeline.status')).toBe(pipeline ? 200 : 403);
    expect(await procedureStatus(page, 'deadLetters.list', { limit: 1 })).toBe(letters ? 200 : 403);
    expect(await procedureStatus(page, 'me')).toBe(200);
  });
}

test('a workspace that somebody is not a member of stays closed, however its name is forged', async ({
  page,
  context,
  signIn,
  shell,
  platform,
}) => {
  await signIn.as(PEOPLE.customerSupport);
  await withoutMembership(platform, PEOPLE.customerSupport, 'acme', async () => {
    for (const forged of ['acme', 'nowhere', '../acme', 'acme%00']) {
      await context.addCookies([{ name: 'ebap-workspace', value: forged, url: platform.url }]);
      // What is known of a session may be a few seconds old.
      await expect
        .poll(() => openWorkspace(page), { timeout: 10_000 })
        .toEqual({ open: 'meridian', all: ['meridian'] });
    }
    await context.addCookies([{ name: 'ebap-workspace', value: 'acme', url: platform.url }]);
    await page.goto('/live?workspace=acme&workspaceId=acme');
    await expect(page.getByRole('banner')).toContainText('Meridian');
    await expect(shell.workspace).toHaveCount(0);
  });
});

function acknowledged(isOpen: boolean) {
  return isOpen ? { ok: true } : { ok: false, code: 'forbidden' };
}

async function procedureStatus(page: Page, name: string, input?: unknown): Promise<number> {
  const params = input === undefined ? {} : { input: JSON.stringify({ json: input }) };
  const answer = await page.request.get(`/api/trpc/${name}`, { params });
  return answer.status();
}

async function openWorkspace(page: Page): Promise<{ open: string; all: string[] }> {
  const answer = await page.request.get('/api/trpc/me');
  const { workspace, workspaces } = (await answer.json()).result.data.json;
  return { open: workspace.id, all: workspaces.map(({ id }: { id: string }) => id) };
}

/** Takes a person out of a workspace for as long as the work lasts. */
async function withoutMembership(
  platform: PlatformAddress,
  person: string,
  workspaceId: string,
  work: () => Promise<void>,
): Promise<void> {
  const connectionString = readFileSync(join(platform.dataDir, 'run/database-url'), 'utf8').trim();
  const database = new pg.Client({ connectionString });
  await database.connect();
  const OF_PERSON = `person_id IN (SELECT id FROM people WHERE name = $1) AND workspace_id = $2`;
  try {
    const { rows } = await database.query(
      `DELETE FROM memberships WHERE ${OF_PERSON} RETURNING person_id, workspace_id, role`,
      [person, workspaceId],
    );
    try {
      await work();
    } finally {
      for (const row of rows)
        await database.query('INSERT INTO memberships (person_id, workspace_id, role) VALUES ($1, $2, $3)', [
          row.person_id,
          row.workspace_id,
          row.role,
        ]);
    }
  } finally {
    await database.end();
  }
}
