import { type Person, type Population, type Profile, SHOPPER_TIERS } from './people.ts';
import { SHOP_REGIONS } from './regions.ts';
import type { Session } from './sessions.ts';

/** A change to the customer's `users` table. */
export type ProfileChange =
  | { readonly kind: 'signed_up' | 'tier_changed' | 'moved'; readonly timeMs: number; readonly profile: Profile }
  | {
      readonly kind: 'deleted';
      readonly timeMs: number;
      readonly profile: Pick<Profile, 'workspace' | 'userId'>;
    };

const SIGN_UP = 0.35;
const UPGRADE = 0.06;
/** Tiers lapse about as often as they are earned, so that their shares stay. */
const DOWNGRADE = 0.02;
const MOVE = 0.006;
const DELETE = 0.0006;

/** What the step just taken does to the visitor's account; null as a rule. */
export function accountChange(session: Session, population: Population, timeMs: number): ProfileChange | null {
  const { person, stream, step } = session;
  if (step === 'checkout' && !person.member && stream.chance(SIGN_UP)) {
    session.person = population.change(person.number, { member: true, tier: 0 });
    return { kind: 'signed_up', timeMs, profile: population.profile(session.person) };
  }
  if (!person.member) return null;
  if (step === 'purchase' && person.tier < SHOPPER_TIERS.length - 1 && stream.chance(UPGRADE))
    return changed('tier_changed', population, person, { tier: person.tier + 1 }, timeMs);
  if (step !== 'login') return null;
  const roll = stream.next();
  if (roll < DOWNGRADE)
    return person.tier === 0 ? null : changed('tier_changed', population, person, { tier: person.tier - 1 }, timeMs);
  if (roll < DOWNGRADE + MOVE)
    return changed('moved', population, person, { region: otherRegion(person.region, stream.next()) }, timeMs);
  return null;
}

/** Few people close their account at the end of a visit. */
export function farewell(session: Session, population: Population, timeMs: number): ProfileChange | null {
  const { person, stream } = session;
  if (!person.member || !stream.chance(DELETE)) return null;
  population.change(person.number, { left: true });
  return { kind: 'deleted', timeMs, profile: { workspace: population.workspace, userId: person.userId } };
}

function changed(
  kind: 'tier_changed' | 'moved',
  population: Population,
  person: Person,
  change: { readonly tier: number } | { readonly region: number },
  timeMs: number,
): ProfileChange {
  return { kind, timeMs, profile: population.profile(population.change(person.number, change)) };
}

function otherRegion(region: number, unit: number): number {
  const step = 1 + Math.floor(unit * (SHOP_REGIONS.length - 1));
  return (region + step) % SHOP_REGIONS.length;
}
