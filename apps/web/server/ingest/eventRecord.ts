import { ACTIONS, type Action, MAX_ID_BYTES } from '@ebap/pipeline/contracts';
import { MAX_FUTURE_MS } from '@ebap/pipeline/time';
import { amountUnits } from './fields/amount.ts';
import {
  emptyExtra,
  extraText,
  isExtraName,
  isForbiddenName,
  MAX_EXTRA_ENTRIES,
  MAX_EXTRA_NAME_BYTES,
  MAX_EXTRA_VALUE_BYTES,
  NO_EXTRA,
} from './fields/extra.ts';
import { locationText } from './fields/location.ts';
import { foldPlatform } from './fields/platform.ts';
import { isRecord, isSoundText, truncateBytes } from './fields/text.ts';
import { OLDEST_TIMESTAMP_MS, timestampMs } from './fields/timestamp.ts';
import { normaliseUuid } from './fields/uuid.ts';
import { type ParseOutcome, type Rejection, reject } from './outcome.ts';

const MAX_ITEM_BYTES = 256;
const MAX_EMAIL_BYTES = 320;
const MAX_PAYMENT_HASH_BYTES = 256;
const CURRENCY = /^[A-Za-z]{3}$/;
const ACTION_SET: ReadonlySet<unknown> = new Set(ACTIONS);

const EVENT_FIELDS: ReadonlySet<string> = new Set(['id', 'user_id', 'action', 'timestamp', 'location', 'metadata']);
const METADATA_FIELDS: ReadonlySet<string> = new Set([
  'amount',
  'currency',
  'email',
  'item_id',
  'payment_hash',
  'platform',
]);
const WORKSPACE_FIELDS: ReadonlySet<string> = new Set(['workspace', 'workspace_id']);

interface Metadata {
  platform: string;
  itemId: string | null;
  amountUnits: number | null;
  currency: string | null;
  email: string | null;
  paymentHash: string | null;
  extra: Readonly<Record<string, string>>;
}

const NO_METADATA: Metadata = {
  platform: '',
  itemId: null,
  amountUnits: null,
  currency: null,
  email: null,
  paymentHash: null,
  extra: NO_EXTRA,
};

/**
 * Checks one record of `POST /v1/events`. The order of the checks is part of the contract: the first reason found is
 * the one that is told.
 */
export function parseEventRecord(record: unknown, nowMs: number): ParseOutcome {
  if (!isRecord(record)) return reject('invalid_record', 'A record must be a JSON object.');
  const stranger = strangerOf(record);
  if (stranger !== null) return reject('invalid_record', strangerProblem(stranger));
  const id = typeof record.id === 'string' ? normaliseUuid(record.id) : null;
  if (id === null) return reject('invalid_id', '`id` must be a UUID such as 018f6c9e-8f43-7cc1-b0e4-3c2f0e5d9a10.');
  const userId = record.user_id;
  const userProblem = checkUserId(userId);
  if (userProblem !== null || typeof userId !== 'string') return reject('missing_user', userProblem ?? '');
  const { action } = record;
  if (!isAction(action)) return reject('unknown_action', `\`action\` must be one of ${ACTIONS.join(', ')}.`);
  const time = timestampMs(record.timestamp);
  const timeProblem = checkTimestamp(time, nowMs);
  if (timeProblem !== null) return { ok: false, rejection: timeProblem };
  const location = locationText(record.location);
  if (location === null)
    return reject(
      'invalid_record',
      '`location` must be "lat,lng", [lat, lng], { lat, lng } or a region of ≤ 128 bytes.',
    );
  const metadata = parseMetadata(record.metadata);
  if ('code' in metadata) return { ok: false, rejection: metadata };
  return {
    ok: true,
    event: {
      id,
      userId,
      action,
      timestampMs: time,
      location,
      platform: foldPlatform(metadata.platform),
      itemId: metadata.itemId,
      amountUnits: metadata.amountUnits,
      currency: metadata.currency,
      email: metadata.email,
      paymentHash: metadata.paymentHash,
      extra: metadata.extra,
    },
  };
}

/** The first field that an event does not have and that holds something; null if there is none. */
function strangerOf(record: Readonly<Record<string, unknown>>): string | null {
  for (const name of Object.keys(record)) {
    if (!EVENT_FIELDS.has(name) && record[name] !== null) return name;
  }
  return null;
}

/** Left out in silence, a misplaced amount would make a purchase worth nothing: so it is told instead. */
function strangerProblem(name: string): string {
  if (isForbiddenName(name)) return 'A field must not be named __proto__, prototype or constructor.';
  const shown = JSON.stringify(truncateBytes(name, MAX_EXTRA_NAME_BYTES));
  if (METADATA_FIELDS.has(name)) return `The field ${shown} belongs in \`metadata\`: send it as metadata.${name}.`;
  if (WORKSPACE_FIELDS.has(name)) return `The field ${shown} must not be sent: the workspace follows from the key.`;
  return `An event has no field ${shown}: put what is to be kept into \`metadata\`.`;
}

function isAction(value: unknown): value is Action {
  return ACTION_SET.has(value);
}

/** Why the value can't name a person, or null. */
export function checkUserId(value: unknown): string | null {
  if (typeof value !== 'string' || value.trim() === '') return '`user_id` must be a string of more than blanks.';
  // U+0000 can't be stored by the relational side.
  const isSound = isSoundText(value, MAX_ID_BYTES) && !value.includes('\0');
  return isSound ? null : `\`user_id\` must be well-formed text of ≤ ${MAX_ID_BYTES} bytes without U+0000.`;
}

/** Why an event can't have this time, or null. */
export function checkTimestamp(timeMs: number, nowMs: number): Rejection | null {
  if (Number.isNaN(timeMs))
    return {
      code: 'invalid_timestamp',
      message: '`timestamp` must be ISO-8601 with a zone (2026-11-21T10:00:00Z) or epoch milliseconds.',
    };
  if (timeMs < OLDEST_TIMESTAMP_MS)
    return { code: 'invalid_timestamp', message: '`timestamp` is before 2000-01-01; numbers are epoch milliseconds.' };
  if (timeMs > nowMs + MAX_FUTURE_MS)
    return { code: 'timestamp_in_future', message: '`timestamp` is more than 5 minutes ahead of the server.' };
  return null;
}

function invalid(message: string): Rejection {
  return { code: 'invalid_record', message };
}

function parseMetadata(value: unknown): Metadata | Rejection {
  if (value === undefined || value === null) return NO_METADATA;
  if (!isRecord(value)) return invalid('`metadata` must be an object.');
  const metadata: Metadata = { ...NO_METADATA };
  let extra: Record<string, string> | null = null;
  let entries = 0;
  for (const name of Object.keys(value)) {
    const field = value[name];
    if (field === null) continue;
    const known = setKnownField(metadata, name, field);
    if (known === 'set') continue;
    if (known !== 'unknown') return known;
    const text = isExtraName(name) ? extraText(field) : null;
    if (text === null) return extraProblem(name);
    if (++entries > MAX_EXTRA_ENTRIES)
      return invalid(`\`metadata\` has more than ${MAX_EXTRA_ENTRIES} further fields.`);
    extra ??= emptyExtra();
    extra[name] = text;
  }
  if (extra !== null) metadata.extra = extra;
  return metadata;
}

function extraProblem(name: string): Rejection {
  if (isForbiddenName(name)) return invalid('A field must not be named __proto__, prototype or constructor.');
  return invalid(
    `A field of \`metadata\` has a name over 64 bytes or a value over ${MAX_EXTRA_VALUE_BYTES} bytes as text.`,
  );
}

/** Takes a field that the contract knows; says `unknown` for all others. */
function setKnownField(metadata: Metadata, name: string, value: unknown): 'set' | 'unknown' | Rejection {
  switch (name) {
    case 'platform':
      if (typeof value !== 'string') return invalid('`metadata.platform` must be a string.');
      metadata.platform = value;
      return 'set';
    case 'item_id': {
      const text = typeof value === 'number' ? String(value) : value;
      if (typeof text !== 'string' || !isSoundText(text, MAX_ITEM_BYTES))
        return invalid(`\`metadata.item_id\` must be text of ≤ ${MAX_ITEM_BYTES} bytes.`);
      metadata.itemId = text;
      return 'set';
    }
    case 'amount': {
      const units = amountUnits(value);
      if (Number.isNaN(units))
        return {
          code: 'invalid_amount',
          message: '`metadata.amount` must be a number or decimal text from 0 to 100000000.',
        };
      metadata.amountUnits = units;
      return 'set';
    }
    case 'currency':
      if (typeof value !== 'string' || !CURRENCY.test(value))
        return { code: 'unknown_currency', message: '`metadata.currency` must be three letters (ISO 4217).' };
      metadata.currency = value.toUpperCase();
      return 'set';
    case 'email':
      if (typeof value !== 'string' || !isSoundText(value, MAX_EMAIL_BYTES))
        return invalid(`\`metadata.email\` must be text of ≤ ${MAX_EMAIL_BYTES} bytes.`);
      metadata.email = value;
      return 'set';
    case 'payment_hash':
      if (typeof value !== 'string' || !isSoundText(value, MAX_PAYMENT_HASH_BYTES))
        return invalid(`\`metadata.payment_hash\` must be text of ≤ ${MAX_PAYMENT_HASH_BYTES} bytes.`);
      metadata.paymentHash = value;
      return 'set';
    default:
      return 'unknown';
  }
}
