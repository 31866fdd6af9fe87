import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { hashApiKey } from '../repositories/apiKeyText.ts';
import { sql, startTestServer, type TestServer } from '../testing/testDatabase.ts';
import { seed } from './seed.ts';

let server: TestServer;
let url = '';
const demoKeys = { meridian: 'ebap_demo_meridian_0123456789', acme: 'ebap_demo_acme_0123456789' };

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  url = await server.emptyDatabase();
  await migrate(url);
});

const COUNTS = `SELECT
  (SELECT count(*) FROM workspaces)::int AS workspaces, (SELECT count(*) FROM regions)::int AS regions,
  (SELECT count(*) FROM rates)::int AS rates, (SELECT count(*) FROM people)::int AS people,
  (SELECT count(*) FROM memberships)::int AS memberships,
  (SELECT count(*) FROM api_keys WHERE revoked_at IS NULL)::int AS keys`;

describe('seed', () => {
  it('writes everything once, however often and by however many it is run', async () => {
    await Promise.all([seed(url, { demoKeys }), seed(url, { demoKeys })]);
    await seed(url, { demoKeys });
    expect(await sql(url, COUNTS)).toEqual([
      { workspaces: 2, regions: 15, rates: 13, people: 5, memberships: 10, keys: 2 },
    ]);
    const mapped = await sql(
      url,
      `SELECT workspace_id, action FROM action_mappings WHERE source_name = 'Order Completed' ORDER BY 1`,
    );
    expect(mapped).toEqual([
      { workspace_id: 'acme', action: 'purchase' },
      { workspace_id: 'meridian', action: 'purchase' },
    ]);
  });

  it('leaves what a person changed as it is', async () => {
    await seed(url, { demoKeys });
    await sql(url, `UPDATE rates SET rate = 2 WHERE currency = 'USD'`);
    await sql(url, `DELETE FROM memberships WHERE role = 'admin'`);
    await sql(url, `UPDATE api_keys SET revoked_at = now() WHERE workspace_id = 'acme'`);
    await seed(url, { demoKeys });
    expect(await sql(url, `SELECT rate FROM rates WHERE currency = 'USD'`)).toEqual([{ rate: '2.0000000000' }]);
    expect(await sql(url, COUNTS)).toMatchObject([{ memberships: 8, keys: 1 }]);
  });

  it('ends a demo key when its text changed or it is switched off', async () => {
    await seed(url, { demoKeys });
    await seed(url, { demoKeys: { ...demoKeys, meridian: 'another-key-of-some-length' } });
    expect(await sql(url, COUNTS)).toMatchObject([{ keys: 2 }]);
    await seed(url, { demoKeys: {} });
    expect(await sql(url, COUNTS)).toMatchObject([{ keys: 0 }]);
  });

  it('takes a demo key back that was used before', async () => {
    await seed(url, { demoKeys });
    await seed(url, { demoKeys: { ...demoKeys, meridian: 'another-key-of-some-length' } });
    await seed(url, { demoKeys });
    const hash = hashApiKey(demoKeys.meridian);
    expect(await sql(url, 'SELECT workspace_id, revoked_at FROM api_keys WHERE key_hash = $1', [hash])).toEqual([
      { workspace_id: 'meridian', revoked_at: null },
    ]);
  });

  it('seeds no people when told so, and refuses a short key', async () => {
    await seed(url, { demoKeys: {}, demoPeople: false });
    expect(await sql(url, COUNTS)).toMatchObject([{ people: 0, memberships: 0 }]);
    await expect(seed(url, { demoKeys: { acme: 'short' } })).rejects.toMatchObject({ code: 'configuration' });
  });
});
