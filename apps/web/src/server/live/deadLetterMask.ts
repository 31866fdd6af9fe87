import type { Permission } from '@ebap/pipeline/access';

/** What a reader may see of a record. */
export interface PreviewRights {
  /** User ids and other personal values as the producer sent them. */
  readonly personalIds: boolean;
}

/** The rights that the access matrix gives with these permissions. */
export function previewRightsOf(permissions: readonly Permission[]): PreviewRights {
  return { personalIds: permissions.includes('read:personal_ids') };
}

const MASKED = '[masked]';
const WITHHELD = '[withheld]';
/** Never shown to anybody: elsewhere the platform keeps these enciphered only. */
const SENSITIVE: ReadonlySet<string> = new Set(['email', 'paymenthash']);
/** Names, without case and punctuation, whose values tell who somebody is. */
const PERSONAL =
  /^(?:(?:user|customer|account|member|person|anonymous|device|advertising|group|previous|session|visitor)?(?:id|name|key)?s?|login|traits|ip|address|street|name|(?:first|last|full|display|nick|sur)name|phone.*|mobile|birth.*|dob|ssn|card.*|iban|.*e?mail.*|.*(?:user|customer|person|anonymous|member).*|.*(?:token|password|secret))$/;
/** Names that {@link PERSONAL} would catch, of values that tell nothing about a person. */
const HARMLESS: ReadonlySet<string> = new Set([
  '',
  'id',
  'ids',
  'key',
  'keys',
  'session',
  'device',
  'group',
  'account',
]);
const EMAIL = /[^\s"'<>@]{1,64}@[^\s"'<>@]{1,255}/g;
const MAX_DEPTH = 32;
const SHORTEST_REPEAT = 3;

const plainName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]/g, '');
const isSensitive = (name: string): boolean => SENSITIVE.has(plainName(name));
const isPersonal = (name: string): boolean => !HARMLESS.has(plainName(name)) && PERSONAL.test(plainName(name));

/**
 * A record with sensitive values withheld; for readers without the right to personal ids also without anything that
 * tells who it is about: personal fields, what they held wherever else it stands, and what looks like an e-mail address.
 */
export function maskRecord(value: unknown, { personalIds }: PreviewRights): unknown {
  if (personalIds) return walk(value, 0, (name) => (isSensitive(name) ? WITHHELD : null), String);
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? outline(value) : MASKED;
  const repeats = personalValues(value, 0, false);
  const blot = (text: string): string => {
    const without = repeats.reduce((rest, repeat) => rest.replaceAll(repeat, MASKED), text);
    return without.replaceAll(EMAIL, MASKED);
  };
  return walk(value, 0, (name) => (isSensitive(name) ? WITHHELD : isPersonal(name) ? MASKED : null), blot);
}

function walk(
  value: unknown,
  depth: number,
  coverOf: (name: string) => string | null,
  ofText: (text: string) => string,
): unknown {
  if (typeof value === 'string') return ofText(value);
  if (typeof value === 'number') return ofText(String(value)) === String(value) ? value : MASKED;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return WITHHELD;
  if (Array.isArray(value)) return value.map((one) => walk(one, depth + 1, coverOf, ofText));
  const entries = Object.entries(value).map(([name, one]) => [
    ofText(name),
    coverOf(name) ?? walk(one, depth + 1, coverOf, ofText),
  ]);
  return Object.fromEntries(entries);
}

/** Texts and numbers that stand in personal fields, longest first. */
function personalValues(value: unknown, depth: number, isInside: boolean): readonly string[] {
  if (depth > MAX_DEPTH) return [];
  if (typeof value !== 'object' || value === null) {
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    return isInside && text.length >= SHORTEST_REPEAT ? [text] : [];
  }
  const found = Object.entries(value).flatMap(([name, one]) =>
    personalValues(one, depth + 1, isInside || isPersonal(name) || isSensitive(name)),
  );
  return [...new Set(found)].sort((a, b) => b.length - a.length);
}

/** Words of the documented shapes: they tell how a broken record is built, and nothing of a person. */
const KNOWN_WORDS: ReadonlySet<string> = new Set(
  (
    'id user_id userId action timestamp metadata location amount currency platform item_id itemId email payment_hash ' +
    'paymentHash purchase view cart login web ios android type event properties traits context batch track identify ' +
    'messageId anonymousId sentAt originalTimestamp true false null'
  ).split(' '),
);

/** The shape of text that can't be read: known words and punctuation stand, all other letters and digits become `x`. */
export function outline(text: string): string {
  return text.replaceAll(/[^\s\p{P}\p{S}]+(?:_[^\s\p{P}\p{S}]+)*/gu, (word) =>
    KNOWN_WORDS.has(word) ? word : 'x'.repeat(word.length),
  );
}

/** Text that is no JSON, with what looks like a sensitive value blotted out. */
export function withholdInText(text: string): string {
  return text.replaceAll(/("(?:email|payment_?hash)"\s*:\s*)"(?:[^"\\]|\\.){0,1000}"?/gi, `$1"${WITHHELD}"`);
}
