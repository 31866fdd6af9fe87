import { TIERS } from '@ebap/pipeline/contracts';
import { checkUserId } from '../eventRecord.ts';
import { isRecord, isSoundText } from '../fields/text.ts';
import type { Rejection } from '../outcome.ts';
import type { ProfileTraits } from '../ports.ts';

type Fields = Readonly<Record<string, unknown>>;

const PROFILE_TIERS = TIERS.filter((tier) => tier !== 'unknown');
const MAX_TRAIT_BYTES = 320;
const FIELD_OF: ReadonlyMap<string, 'tier' | 'country' | 'email' | 'name'> = new Map([
  ['tier', 'tier'],
  ['plan', 'tier'],
  ['country', 'country'],
  ['country_code', 'country'],
  ['email', 'email'],
  ['name', 'name'],
  ['firstName', 'name'],
  ['first_name', 'name'],
  ['lastName', 'name'],
  ['last_name', 'name'],
]);
const COUNTRY = /^[A-Za-z]{2}$/;

export type IdentifyOutcome =
  | { readonly kind: 'profile'; readonly profile: ProfileTraits; readonly droppedTraits: number }
  /** Nobody known yet: anonymous people have no profile. */
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'refused'; readonly rejection: Rejection };

/** What an `identify` call tells of a person. */
export function parseIdentifyCall(call: Fields): IdentifyOutcome {
  const { userId } = call;
  const isAnonymous = userId === undefined || userId === null || userId === '';
  if (isAnonymous && checkUserId(call.anonymousId) === null) return { kind: 'anonymous' };
  if (checkUserId(userId) !== null || typeof userId !== 'string') {
    const message = '`userId` must be text of ≤ 128 bytes; `anonymousId` alone changes no profile.';
    return { kind: 'refused', rejection: { code: 'missing_user', message } };
  }
  const traits = isRecord(call.traits) ? call.traits : {};
  const address = isRecord(traits.address) ? traits.address : {};
  const tier = text(traits.tier ?? traits.plan)?.toLowerCase();
  const country = text(traits.country ?? traits.country_code ?? address.country);
  const profile: ProfileTraits = {
    userId,
    tier: PROFILE_TIERS.find((one) => one === tier),
    country: country !== undefined && COUNTRY.test(country) ? country.toUpperCase() : undefined,
    email: text(traits.email),
    name: text(traits.name) ?? fullName(traits),
  };
  const isObject = call.traits === undefined || call.traits === null || isRecord(call.traits);
  return { kind: 'profile', profile, droppedTraits: isObject ? countDropped(traits, address, profile) : 1 };
}

/** Traits that a profile has a place for and that do not fit there, and traits that it has no place for. */
function countDropped(traits: Fields, address: Fields, profile: ProfileTraits): number {
  let dropped = 0;
  for (const [name, value] of Object.entries(traits)) {
    if (value === undefined || value === null || value === '') continue;
    const field = name === 'address' && address.country !== undefined ? 'country' : FIELD_OF.get(name);
    if (field === undefined || profile[field] === undefined) dropped++;
  }
  return dropped;
}

function fullName(traits: Fields): string | undefined {
  const names = [text(traits.firstName ?? traits.first_name), text(traits.lastName ?? traits.last_name)];
  const full = names.filter((name) => name !== undefined).join(' ');
  return full === '' ? undefined : full;
}

/** Text as a relational column can hold it. */
function text(value: unknown): string | undefined {
  const isSound =
    typeof value === 'string' && value !== '' && !value.includes('\0') && isSoundText(value, MAX_TRAIT_BYTES);
  return isSound ? value : undefined;
}
