import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { engines } from '../../testing/engines.ts';
import { openRedisHotStore } from './index.ts';

const CONNECTIONS = 4;
const ATTEMPTS_PER_CONNECTION = 2_500;
const EPOCHS = 5;
const OFFSETS = 40;

/** Deterministic and cheap; good enough to mix attempts. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

test('10,000 attempts of stale and current writers over several connections: no value ever goes back', {
  timeout: 240_000,
}, async () => {
  const address = { mode: 'single', url: engines().redisUrl } as const;
  const scope = randomUUID();
  const keys = [`{${scope}}:a`, `{${scope}}:b`];
  const rankOf = (epoch: number, offset: number) => epoch * 1_000_000 + offset;
  const counts = { applied: 0, fenced: 0 };
  let regressions = 0;

  const attack = async (connection: number): Promise<void> => {
    const store = await openRedisHotStore({ address });
    onTestFinished(() => store.close());
    const random = numbers(connection + 1);
    const below = (limit: number) => Math.floor(random.next().value * limit);
    let seen = -1;
    for (let i = 0; i < ATTEMPTS_PER_CONNECTION; i += 1) {
      // Both climb slowly, so that at any moment some writers are ahead and most are stale.
      const progress = i / ATTEMPTS_PER_CONNECTION;
      const epoch = Math.max(1, Math.ceil(progress * EPOCHS) - below(3));
      const offset = Math.floor(progress * OFFSETS * 100) + below(OFFSETS);
      const rank = rankOf(epoch, offset);
      const writes = keys.map((key) => ({ key, field: 'rank', value: `${rank}`, expiresAtMs: Date.now() + 600_000 }));
      const result = await store.flush({ fence: { scope, epoch, offset }, writes, changes: [] });
      counts[result.status] += 1;
      const rows = await store.readFields(keys, ['rank']);
      const held = rows.map(([value]) => Number(value));
      // What is held is at least what was just written, what the fence said, and what was read before.
      const floor = Math.max(
        seen,
        result.status === 'applied' ? rank : rankOf(result.found?.epoch ?? 0, result.found?.offset ?? 0),
      );
      for (const value of held) if (!(value >= floor)) regressions += 1;
      if (result.status === 'fenced' && result.found !== null)
        expect(rankOf(result.found.epoch, result.found.offset)).toBeGreaterThanOrEqual(rank);
      seen = Math.max(floor, Math.min(...held));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, connection) => attack(connection)));
  expect(regressions).toBe(0);
  expect(counts.applied + counts.fenced).toBe(CONNECTIONS * ATTEMPTS_PER_CONNECTION);
  expect(counts.fenced).toBeGreaterThan(1_000);
  expect(counts.applied).toBeGreaterThan(100);
});
