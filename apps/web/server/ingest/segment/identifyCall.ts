import { TIERS } from '@ebap/pipeline/contracts';
import { checkUserId } from '../eventRecord.ts';
import { isRecord, isSoundText } from '../fields/text.ts';
import type { ProfileTraits } from '../ports.ts';

type Fields = Readonly<Record<string, unknown>>;

const PROFILE_TIERS = TIERS.filter((tier) => tier !== 'unknown');
const MAX_TRAIT_BYTES = 320;
const COUNTRY = /^[A-Za-z]{2}$/;

/** What an `identify` call tells of a known person; null for anonymous ones, who have no profile. */
export function parseIdentifyCall(call: Fields): ProfileTraits | null {
  const { userId } = call;
  if (checkUserId(userId) !== null || typeof userId !== 'string') return null;
  const traits = isRecord(call.traits) ? call.traits : {};
  const address = isRecord(traits.address) ? traits.address : {};
  const tier = text(traits.tier ?? traits.plan)?.toLowerCase();
  const country = text(traits.country ?? traits.country_code ?? address.country);
  return {
    userId,
    tier: PROFILE_TIERS.find((one) => one === tier),
    country: country !== undefined && COUNTRY.test(country) ? country.toUpperCase() : undefined,
    email: text(traits.email),
    name: text(traits.name) ?? fullName(traits),
  };
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
