import { describe, expect, it } from 'vitest';
import { type KnownProfile, Population, type Profile } from './people.ts';
import { SHOP_REGIONS } from './regions.ts';

const fresh = (): Population =>
  new Population(
    'meridian',
    1,
    1_000,
    SHOP_REGIONS.map(() => 1),
    500,
  );
const byUser = (profiles: Iterable<Profile>) => new Map([...profiles].map((profile) => [profile.userId, profile]));

describe('people that an earlier run left', () => {
  it('are those of the start when nothing was written yet', () => {
    const restarted = fresh();
    restarted.recall([]);
    expect([...restarted.residents()]).toEqual([...fresh().residents()]);
  });

  it('are as the table has them: tiers, homes, new accounts and closed ones', () => {
    const first = fresh();
    const [up, moved, closed] = [...first.residents()].slice(3, 6);
    const table = byUser(first.residents());
    const guest = first.change(first.newcomer(2).number, { member: true, tier: 1 });
    table.set(guest.userId, first.profile(guest));
    table.set(up?.userId ?? '', { ...must(up), tier: up?.tier === 'gold' ? 'silver' : 'gold' });
    table.set(moved?.userId ?? '', { ...must(moved), country: moved?.country === 'JP' ? 'DE' : 'JP' });
    table.delete(closed?.userId ?? '');

    const restarted = fresh();
    restarted.recall(table.values());
    const now = byUser(restarted.residents());
    expect(now.get(up?.userId ?? '')?.tier).toBe(table.get(up?.userId ?? '')?.tier);
    expect(now.get(moved?.userId ?? '')?.country).toBe(table.get(moved?.userId ?? '')?.country);
    expect(now.has(closed?.userId ?? '')).toBe(false);
    expect(restarted.profile(restarted.person(guest.number))).toEqual(table.get(guest.userId));
    // The next one to come for the first time is nobody who is known.
    expect(restarted.newcomer(2).number).toBe(guest.number + SHOP_REGIONS.length);
  });

  it('were not all written when a start was killed: who is missing after the last one still comes', () => {
    const all = [...fresh().residents()];
    const restarted = fresh();
    restarted.recall(all.slice(0, 100));
    expect([...restarted.residents()]).toEqual(all);
  });

  it('do not mind rows that are nobody of the shop', () => {
    const restarted = fresh();
    const strangers: readonly KnownProfile[] = [{ userId: 'grace', tier: 'gold', country: 'US' }];
    restarted.recall(strangers);
    expect(restarted.size).toBe(fresh().size);
  });
});

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there are too few people');
  return value;
}
