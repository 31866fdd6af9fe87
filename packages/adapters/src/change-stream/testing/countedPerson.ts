import { expect } from 'vitest';
import { type ChangeRecord, type ChangeStreamUnderTest, folded } from '../conformance.ts';

/** `demo:ann`, a row of `users` whose country counts up from 0, so that gaps and repeats on the topic show. */
export interface CountedPerson {
  setVersion(version: number): Promise<unknown>;
  /** Resolves when the topic's newest row of her has this version, with all of the topic. */
  arrived(version: number): Promise<readonly ChangeRecord[]>;
}

/** Polls until the condition holds; throws with the text when it does not. */
export type Wait = (condition: () => Promise<boolean>, what: string) => Promise<void>;

/** Writes her, and the workspace she belongs to, into the source. */
export async function addCountedPerson(made: ChangeStreamUnderTest, wait: Wait): Promise<CountedPerson> {
  await made.sql(`INSERT INTO workspaces (id, name, currency, zone) VALUES ('demo', 'Demo', 'EUR', 'UTC')`);
  await made.sql(`INSERT INTO users (workspace_id, user_id, country) VALUES ('demo', 'ann', '0')`);
  return {
    setVersion: (version) => made.sql(`UPDATE users SET country = $1 WHERE user_id = 'ann'`, [version]),
    async arrived(version) {
      let records: readonly ChangeRecord[] = [];
      await wait(async () => {
        records = await made.read();
        return folded(records).get('demo:ann')?.country === String(version);
      }, `version ${version}`);
      return records;
    },
  };
}

/** Versions may repeat after a fault, from an earlier one on; none is missing. */
export function expectNoGap(records: readonly ChangeRecord[], newest: number): void {
  const versions = records.filter(({ key }) => key === 'demo:ann').map(({ value }) => Number(value?.after?.country));
  expect(versions[0]).toBe(0);
  expect(versions.at(-1)).toBe(newest);
  versions.forEach((version, i) => {
    if (i > 0) expect(version).toBeLessThanOrEqual((versions[i - 1] ?? 0) + 1);
  });
}
