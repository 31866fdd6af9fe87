import { randomUUID } from 'node:crypto';
import type { Action, Platform } from '@ebap/pipeline/contracts';
import { checkTimestamp, checkUserId } from '../eventRecord.ts';
import { amountUnits } from '../fields/amount.ts';
import { canonicalJson } from '../fields/canonicalJson.ts';
import { emptyExtra, extraText, isExtraName, MAX_EXTRA_ENTRIES } from '../fields/extra.ts';
import { locationText } from '../fields/location.ts';
import { foldPlatform } from '../fields/platform.ts';
import { isRecord, isSoundText } from '../fields/text.ts';
import { timestampMs } from '../fields/timestamp.ts';
import { CONTENT_NAMESPACE, MESSAGE_ID_NAMESPACE, normaliseUuid, uuidV5 } from '../fields/uuid.ts';
import { type ParseOutcome, type Rejection, reject } from '../outcome.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Properties that become fields of their own; all others are kept as text. */
const MAPPED: ReadonlySet<string> = new Set([
  'revenue',
  'total',
  'value',
  'price',
  'amount',
  'currency',
  'product_id',
  'sku',
  'item_id',
  'email',
  'payment_hash',
  'platform',
  'location',
  'region',
]);
const MAX_ITEM_BYTES = 256;

export interface TrackOutcome {
  readonly outcome: ParseOutcome;
  /** Properties that were too many or too large to be kept. */
  readonly droppedProperties: number;
}

/**
 * A Segment `track` call as an event. Lenient where Segment is: what can't be kept is left out and counted, and only
 * what would falsify a number refuses the call. Timestamps are taken as sent: correcting them by the time of arrival
 * would give a retry another identity.
 */
export function parseTrackCall(call: Fields, action: Action, nowMs: number): TrackOutcome {
  const properties = isRecord(call.properties) ? call.properties : {};
  const context = isRecord(call.context) ? call.context : {};
  const refuse = (rejection: Rejection): TrackOutcome => ({ outcome: { ok: false, rejection }, droppedProperties: 0 });
  const userId = personOf(call);
  if (checkUserId(userId) !== null || typeof userId !== 'string')
    return refuse({ code: 'missing_user', message: '`userId` or `anonymousId` must be text of ≤ 128 bytes.' });
  const sentAt = call.timestamp ?? call.originalTimestamp ?? call.sentAt;
  const hasTime = sentAt !== undefined && sentAt !== null;
  const time = hasTime ? timestampMs(sentAt) : nowMs;
  const timeProblem = checkTimestamp(time, nowMs);
  if (timeProblem !== null) return refuse(timeProblem);
  const money = moneyOf(properties, action);
  if ('code' in money) return refuse(money);
  const { extra, dropped } = extraOf(properties);
  return {
    droppedProperties: dropped,
    outcome: {
      ok: true,
      event: {
        id: messageUuid(call.messageId) ?? (hasTime ? contentUuid(call, userId, time) : randomUUID()),
        userId,
        action,
        timestampMs: time,
        location: locationOf(properties, context),
        platform: platformOf(properties, context),
        itemId: itemOf(properties),
        ...money,
        email: textOr(properties.email, 320),
        paymentHash: textOr(properties.payment_hash, 256),
        extra,
      },
    },
  };
}

export function personOf(call: Fields): unknown {
  return call.userId ?? call.anonymousId;
}

function messageUuid(messageId: unknown): string | null {
  if (typeof messageId !== 'string' || messageId === '') return null;
  return normaliseUuid(messageId) ?? uuidV5(MESSAGE_ID_NAMESPACE, messageId);
}

/**
 * The id of a call without `messageId`: made of what the call says happened, so that a retry has the same. An id
 * counts within its workspace, which therefore is no part of it.
 */
function contentUuid(call: Fields, userId: string, timeMs: number): string {
  return uuidV5(CONTENT_NAMESPACE, canonicalJson([userId, call.event, timeMs, call.properties ?? null]));
}

function textOr(value: unknown, limitBytes: number): string | null {
  return typeof value === 'string' && value !== '' && isSoundText(value, limitBytes) ? value : null;
}

function itemOf(properties: Fields): string | null {
  const item = properties.product_id ?? properties.sku ?? properties.item_id ?? firstProduct(properties);
  return textOr(typeof item === 'number' ? String(item) : item, MAX_ITEM_BYTES);
}

function firstProduct(properties: Fields): unknown {
  const first: unknown = Array.isArray(properties.products) ? properties.products[0] : undefined;
  return isRecord(first) ? (first.product_id ?? first.sku) : undefined;
}

/** A purchase is worth its revenue or total; other actions what they show as price. */
function moneyOf(
  properties: Fields,
  action: Action,
): { amountUnits: number | null; currency: string | null } | Rejection {
  const order = properties.revenue ?? properties.total ?? properties.value ?? properties.amount;
  const value = action === 'purchase' ? order : (order ?? properties.price);
  const units = value === undefined || value === null ? null : amountUnits(value);
  if (units !== null && Number.isNaN(units))
    return { code: 'invalid_amount', message: '`revenue` or `total` must be a number from 0 to 100000000.' };
  const { currency } = properties;
  if (currency === undefined || currency === null) return { amountUnits: units, currency: null };
  if (typeof currency !== 'string' || !/^[A-Za-z]{3}$/.test(currency))
    return { code: 'unknown_currency', message: '`currency` must be three letters (ISO 4217).' };
  return { amountUnits: units, currency: currency.toUpperCase() };
}

/** A device type, or the library's name, or `other`. */
function platformOf(properties: Fields, context: Fields): Platform {
  if (typeof properties.platform === 'string') return foldPlatform(properties.platform);
  const device = isRecord(context.device) ? context.device.type : undefined;
  if (typeof device === 'string') return foldPlatform(device);
  const os = isRecord(context.os) ? context.os.name : undefined;
  if (typeof os === 'string' && foldPlatform(os) !== 'other') return foldPlatform(os);
  const library = isRecord(context.library) ? context.library.name : undefined;
  if (typeof library !== 'string') return 'other';
  const name = library.toLowerCase();
  if (name === 'analytics.js') return 'web';
  if (name.includes('ios') || name.includes('swift')) return 'ios';
  if (name.includes('android') || name.includes('kotlin')) return 'android';
  return 'other';
}

function locationOf(properties: Fields, context: Fields): string {
  return locationText(properties.location ?? properties.region ?? context.location) ?? '';
}

function extraOf(properties: Fields): { readonly extra: Readonly<Record<string, string>>; readonly dropped: number } {
  const extra = emptyExtra();
  let kept = 0;
  let dropped = 0;
  for (const name of Object.keys(properties)) {
    const value = properties[name];
    if (MAPPED.has(name) || value === null) continue;
    const text = kept < MAX_EXTRA_ENTRIES && isExtraName(name) ? extraText(value) : null;
    if (text === null) dropped++;
    else {
      extra[name] = text;
      kept++;
    }
  }
  return { extra, dropped };
}

/** The reason of a call that is not even an object. */
export function notACall(): ParseOutcome {
  return reject('invalid_record', 'A call must be a JSON object.');
}
