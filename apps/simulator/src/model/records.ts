import { CATEGORY_NAMES, priceCents } from './catalogue.ts';
import type { RandomStream } from './random.ts';
import { SHOPPER_PLATFORMS } from './regions.ts';
import { type BasketLine, putIntoBasket, type Session, type Step } from './sessions.ts';

/** An event as `POST /v1/events` takes it. Amounts are in currency units with two decimals. */
export interface EventRecord {
  readonly id: string;
  readonly user_id: string;
  readonly action: 'login' | 'view' | 'cart' | 'purchase';
  readonly timestamp: string;
  readonly location: string;
  readonly metadata: Readonly<Record<string, string | number>>;
}

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));
const hex32 = (n: number): string => `${HEX[n >>> 24]}${HEX[(n >>> 16) & 255]}${HEX[(n >>> 8) & 255]}${HEX[n & 255]}`;

/** UUID version 7 (RFC 9562): the time in front, the rest from the stream. */
export function uuidAt(timeMs: number, stream: RandomStream): string {
  const time = timeMs.toString(16).padStart(12, '0');
  const a = stream.uint32();
  const b = hex32((stream.uint32() & 0x3fffffff) | 0x80000000);
  const c = hex32(stream.uint32());
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex32(a).slice(0, 3)}-${b.slice(0, 4)}-${b.slice(4)}${c}`;
}

/** The record of the session's present step at `timeMs`. Puts items into the basket where the step is `cart`. */
export function recordOf(session: Session, id: string, timeMs: number): EventRecord {
  return {
    id,
    user_id: session.person.userId,
    action: ACTION_OF[session.step],
    timestamp: new Date(timeMs).toISOString(),
    location: session.location,
    metadata: {
      platform: SHOPPER_PLATFORMS[session.platform] ?? 'web',
      session_id: session.id,
      ...details(session),
    },
  };
}

const ACTION_OF: Readonly<Record<Step, EventRecord['action']>> = {
  login: 'login',
  view: 'view',
  checkout: 'view',
  failed: 'view',
  cart: 'cart',
  purchase: 'purchase',
};

function details(session: Session): Record<string, string | number> {
  const { currency, item, person } = session;
  switch (session.step) {
    case 'login':
      return { email: person.email };
    case 'view':
      return { item_id: item.id, item_name: item.name, category: CATEGORY_NAMES[item.category] ?? '' };
    case 'cart': {
      const line = putIntoBasket(session);
      return {
        item_id: line.item.id,
        item_name: line.item.name,
        category: CATEGORY_NAMES[line.item.category] ?? '',
        quantity: String(line.quantity),
        amount: lineCents(line, currency) / 100,
        currency,
      };
    }
    case 'checkout':
      return { page: 'checkout', items: String(session.basket.length) };
    case 'failed':
      return { page: 'checkout', items: String(session.basket.length), error: 'payment_unavailable' };
    case 'purchase':
      return purchaseDetails(session);
  }
}

function purchaseDetails(session: Session): Record<string, string | number> {
  const { basket, currency, person, stream } = session;
  const dearest = basket.reduce((a, b) => (lineCents(b, currency) > lineCents(a, currency) ? b : a));
  const cents = basket.reduce((sum, line) => sum + lineCents(line, currency), 0);
  const payment = [0, 1, 2, 3].map(() => hex32(stream.uint32())).join('');
  return {
    item_id: dearest.item.id,
    item_name: dearest.item.name,
    category: CATEGORY_NAMES[dearest.item.category] ?? '',
    items: String(basket.length),
    order_id: `o-${hex32(stream.uint32())}`,
    amount: cents / 100,
    currency,
    payment_hash: payment,
    ...(person.member ? { email: person.email } : {}),
  };
}

function lineCents(line: BasketLine, currency: string): number {
  return priceCents(line.item, currency) * line.quantity;
}

/** Where the person is, as their app tells it; on the move the coordinates differ a little. */
export function locationOf(
  person: Session['person'],
  place: { readonly code: string; readonly name: string },
  stream: RandomStream,
): string {
  switch (person.locationStyle) {
    case 'code':
      return place.code;
    case 'name':
      return place.name;
    case 'none':
      return '';
    case 'coordinates': {
      const lat = person.lat + 0.02 * (stream.next() - 0.5);
      const lng = person.lng + 0.02 * (stream.next() - 0.5);
      return `${lat.toFixed(4)},${lng.toFixed(4)}`;
    }
  }
}
