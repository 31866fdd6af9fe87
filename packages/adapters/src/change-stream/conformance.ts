import { setTimeout as sleep } from 'node:timers/promises';
import { partitionFor } from '@ebap/pipeline/contracts';
import type { ChangeStream } from '@ebap/pipeline/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** A database with the product's tables, and a stream of its `users` into an empty topic. */
export interface ChangeStreamUnderTest {
  readonly partitions: number;
  /** The stream, made anew: same slot, same topic. */
  open(): ChangeStream;
  sql(text: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Everything on the topic, partition after partition. */
  read(): Promise<readonly ChangeRecord[]>;
  dispose(): Promise<void>;
}

export type ChangeStreamFactory = () => Promise<ChangeStreamUnderTest>;

export interface ChangeRecord {
  readonly partition: number;
  readonly key: string;
  readonly value: Envelope | null;
}

export interface Envelope {
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly source: Readonly<Record<string, unknown>>;
  readonly op: string;
  readonly ts_ms: number;
}

const PATIENCE_MS = 45_000;

/** Polls until the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await sleep(10);
  }
}

export async function streaming(stream: ChangeStream): Promise<void> {
  await until(() => stream.status().state === 'streaming', `streaming: ${JSON.stringify(stream.status())}`);
}

/** What one key went through, in order: `op` and the value of a column. */
export function historyOf(records: readonly ChangeRecord[], key: string, column: string): string[] {
  return records
    .filter((record) => record.key === key)
    .map(({ value }) => (value === null ? 'tombstone' : `${value.op} ${value.after?.[column] ?? '-'}`));
}

/** The table as the topic tells it: the newest value per key. */
export function folded(records: readonly ChangeRecord[]): Map<string, Readonly<Record<string, unknown>>> {
  const rows = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { key, value } of records) {
    if (value?.after) rows.set(key, value.after);
    else rows.delete(key);
  }
  return rows;
}

/** What every adapter of the port `ChangeStream` does. */
export function describeChangeStream(name: string, factory: ChangeStreamFactory): void {
  describe(`ChangeStream: ${name}`, () => {
    let made: ChangeStreamUnderTest;
    let stream: ChangeStream;
    beforeEach(async () => {
      made = await factory();
      await made.sql(`INSERT INTO workspaces (id, name, currency, zone) VALUES ('demo', 'Demo', 'EUR', 'UTC')`);
      stream = made.open();
    });
    afterEach(async () => {
      await stream.stop();
      await made.dispose();
    });

    const addUser = (id: string, country: string | null = null): Promise<unknown> =>
      made.sql(`INSERT INTO users (workspace_id, user_id, email, country) VALUES ('demo', $1, $1 || '@secret', $2)`, [
        id,
        country,
      ]);
    const setCountry = (id: string, country: string): Promise<unknown> =>
      made.sql('UPDATE users SET country = $2 WHERE user_id = $1', [id, country]);

    async function appears(userId: string): Promise<void> {
      await addUser(userId);
      await until(async () => (await made.read()).some(({ key }) => key === `demo:${userId}`), userId);
    }

    /**
     * Everything written before this call. A topic is read partition by partition while it grows, so the reading that
     * finds the first marker may have passed another partition too early; the second one is appended after all of that.
     */
    async function arrived(marker: string): Promise<readonly ChangeRecord[]> {
      const markers = [marker, `after ${marker}`];
      for (const userId of markers) await appears(userId);
      const records = await made.read();
      return records.filter(({ key }) => !markers.some((userId) => key === `demo:${userId}`));
    }

    test('rows that exist appear as a snapshot, the last one marked', async () => {
      await addUser('ann', 'DE');
      await addUser('bob');
      await made.sql(
        `UPDATE users SET created_at = '2026-01-02 03:04:05.67+02', updated_at = '2026-01-02 00:00:00+00'`,
      );
      await stream.start();
      await streaming(stream);
      const records = await arrived('end');
      expect(records.map(({ key }) => key).sort()).toEqual(['demo:ann', 'demo:bob']);
      const ann = records.find(({ key }) => key === 'demo:ann')?.value;
      expect(Object.keys(ann ?? {})).toEqual(expect.arrayContaining(['before', 'after', 'source', 'op', 'ts_ms']));
      expect(ann).toMatchObject({ op: 'r', before: null });
      expect(ann?.after).toEqual({
        workspace_id: 'demo',
        user_id: 'ann',
        log_key: 'demo:ann',
        tier: 'free',
        country: 'DE',
        created_at: '2026-01-02T01:04:05.670000Z',
        updated_at: '2026-01-02T00:00:00.000000Z',
      });
      const source = ann?.source ?? {};
      const facts = ['version', 'connector', 'name', 'ts_ms', 'snapshot', 'db', 'schema', 'table', 'txId', 'lsn'];
      expect(Object.keys(source)).toEqual(expect.arrayContaining(facts));
      expect(source).toMatchObject({ connector: 'postgresql', schema: 'public', table: 'users' });
      const marks = records.map(({ value }) => value?.source.snapshot);
      expect(marks).not.toContain('false');
      expect(marks.filter((mark) => mark === 'last')).toHaveLength(1);
    });

    test('inserts, updates and deletes follow, each delete with its tombstone', async () => {
      await stream.start();
      await streaming(stream);
      const beforeMs = Date.now();
      await addUser('ann', 'DE');
      await setCountry('ann', 'FR');
      await made.sql(`DELETE FROM users WHERE user_id = 'ann'`);
      const records = await arrived('end');
      expect(historyOf(records, 'demo:ann', 'country')).toEqual(['c DE', 'u FR', 'd -', 'tombstone']);
      const [created, , deleted] = records.map(({ value }) => value);
      expect(deleted?.before).toMatchObject({ workspace_id: 'demo', user_id: 'ann', log_key: 'demo:ann' });
      expect(created?.source).toMatchObject({ snapshot: 'false', table: 'users' });
      expect(Number(created?.source.ts_ms)).toBeGreaterThanOrEqual(beforeMs - 1_000);
      expect(Number(created?.source.lsn)).toBeGreaterThan(0);
    });

    test('a changed user id ends one key and begins another', async () => {
      await stream.start();
      await streaming(stream);
      await addUser('ann', 'DE');
      await made.sql(`UPDATE users SET user_id = 'eve' WHERE user_id = 'ann'`);
      const records = await arrived('end');
      expect(historyOf(records, 'demo:ann', 'user_id')).toEqual(['c ann', 'd -', 'tombstone']);
      expect(historyOf(records, 'demo:eve', 'user_id')).toEqual(['c eve']);
    });

    test('records lie where the partitioner puts their key', async () => {
      for (let i = 0; i < 40; i++) await addUser(`user-${i}`);
      await stream.start();
      await streaming(stream);
      for (const { key, partition } of await arrived('ümläut'))
        expect(partition).toBe(partitionFor(Buffer.from(key), made.partitions));
    });

    test('what was rolled back never appears, a transaction appears whole', async () => {
      await stream.start();
      await streaming(stream);
      await made.sql(`BEGIN; UPDATE users SET country = 'XX';
        INSERT INTO users (workspace_id, user_id) VALUES ('demo', 'ghost'); ROLLBACK`);
      await made.sql(
        `INSERT INTO users (workspace_id, user_id) SELECT 'demo', 'bulk-' || i FROM generate_series(1, 5000) i`,
      );
      const records = await arrived('end');
      expect(records.map(({ key }) => key)).not.toContain('demo:ghost');
      expect(new Set(records.map(({ key }) => key)).size).toBe(5_000);
      expect(new Set(records.map(({ value }) => value?.source.txId)).size).toBe(1);
    });

    test('e-mail and display name never reach the topic', async () => {
      await addUser('snapshot');
      await stream.start();
      await streaming(stream);
      await addUser('streamed');
      await made.sql(`UPDATE users SET email = 'new@secret', display_name = 'secret'`);
      await made.sql(`DELETE FROM users`);
      expect(JSON.stringify(await arrived('end'))).not.toContain('secret');
    });

    test('a stopped stream goes on where it was, without a second snapshot', async () => {
      await addUser('ann', 'DE');
      await stream.start();
      await streaming(stream);
      await setCountry('ann', 'FR');
      await arrived('first');
      await stream.stop();
      expect(stream.status().state).toBe('stopped');
      await setCountry('ann', 'IT');
      await setCountry('ann', 'ES');
      stream = made.open();
      await stream.start();
      const records = await arrived('second');
      expect(historyOf(records, 'demo:ann', 'country')).toEqual(['r DE', 'u FR', 'u IT', 'u ES']);
      await stream.stop();
      await stream.start();
      await setCountry('ann', 'PT');
      expect(historyOf(await arrived('third'), 'demo:ann', 'country').at(-1)).toBe('u PT');
    });

    test('writes during the snapshot are neither lost nor doubled, and the topic tells the table', async () => {
      await made.sql(
        `INSERT INTO users (workspace_id, user_id) SELECT 'demo', 'u' || i FROM generate_series(1, 3000) i`,
      );
      let writes = 0;
      let done = false;
      const writer = (async () => {
        while (!done) {
          const id = `u${(writes * 7) % 3_000}`;
          if (writes % 5 === 4) await made.sql('DELETE FROM users WHERE user_id = $1', [id]);
          else
            await made.sql(
              `INSERT INTO users (workspace_id, user_id, country) VALUES ('demo', $1, $2)
            ON CONFLICT (workspace_id, user_id) DO UPDATE SET country = $2`,
              [id, `C${writes}`],
            );
          writes++;
        }
      })();
      // Transactions that are open while the snapshot's point is chosen.
      const slow = Array.from({ length: 4 }, async (_, w) => {
        for (let n = 0; !done; n++)
          await made.sql(`BEGIN; INSERT INTO users (workspace_id, user_id, country) VALUES ('demo', 'v${w}-${n}', 'A');
            SELECT pg_sleep(0.01 * ${w}); UPDATE users SET country = 'B' WHERE user_id = 'v${w}-${n}'; COMMIT`);
      });
      await stream.start();
      await streaming(stream);
      const duringSnapshot = writes;
      await until(() => writes >= duringSnapshot + 20, 'writes after the snapshot');
      done = true;
      await Promise.all([writer, ...slow]);
      const rows = folded(await arrived('end'));
      const stored = await made.sql(`SELECT log_key, country FROM users WHERE user_id NOT IN ('end', 'after end')`);
      expect(new Map([...rows].map(([key, row]) => [key, row.country]))).toEqual(
        new Map(stored.map((row) => [row.log_key, row.country])),
      );
    });
  });
}
