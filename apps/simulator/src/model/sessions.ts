import { CATEGORY_NAMES, type CatalogueItem, pickItem } from './catalogue.ts';
import type { Person } from './people.ts';
import type { RandomStream } from './random.ts';
import type { Conditions } from './scenarios.ts';

/** What somebody does next. `checkout` and `failed` are pages that they see. */
export type Step = 'login' | 'view' | 'cart' | 'checkout' | 'purchase' | 'failed';

export interface BasketLine {
  readonly item: CatalogueItem;
  readonly quantity: number;
}

/** One visit. Everything random in it comes from its own stream. */
export interface Session {
  readonly kind: 'session';
  timeMs: number;
  order: number;
  readonly stream: RandomStream;
  readonly workspace: number;
  /** As known when the visit began, but for an account opened on the way. */
  person: Person;
  readonly id: string;
  readonly platform: number;
  readonly location: string;
  readonly currency: string;
  /** A short visit in a rush: quick, rarely buys. */
  readonly rushed: boolean;
  step: Step;
  category: number;
  item: CatalogueItem;
  readonly basket: BasketLine[];
  /** False: the last thing in the basket got there before anybody listened, and the next step tells of it. */
  basketTold: boolean;
  failures: number;
  /** Events until the phone loses its network; infinity if it never does. */
  eventsUntilOffline: number;
  /** Without network, events wait on the phone until this time. */
  offlineUntilMs: number;
}

/** How people on a platform differ. Order: web, ios, android. */
const PLATFORM = [
  { thinkMs: 17_000, cart: 0.045, leave: 0.105, buy: 1.02, largeBasket: 0.4 },
  { thinkMs: 12_000, cart: 0.05, leave: 0.125, buy: 1.12, largeBasket: 0.26 },
  { thinkMs: 13_500, cart: 0.046, leave: 0.13, buy: 0.86, largeBasket: 0.24 },
] as const;
/** Willingness to buy by tier, free to platinum. */
const TIER_BUYS = [0.92, 1.04, 1.18, 1.38];
/** Before platform and tier: about seven of ten baskets are left behind. */
const BUYS = 0.305;
const LOGIN_SHARE = 0.55;
const LONGEST_THINK_MS = 360_000;

/** First step, basket and interest of a session that begins now. */
export function firstStep(person: Person, stream: RandomStream): Pick<Session, 'step' | 'category' | 'item'> {
  const category = stream.int(CATEGORY_NAMES.length);
  return {
    step: person.member && stream.chance(LOGIN_SHARE) ? 'login' : 'view',
    category,
    item: pickItem(category, stream),
  };
}

/**
 * Decides what follows the step just taken, moving the session's time on. Returns false when the visit is over.
 * `failed` instead of `purchase` means that paying did not work.
 */
export function proceed(session: Session, conditions: Conditions): boolean {
  const next = nextStep(session, conditions);
  if (next === null) return false;
  session.step = next;
  session.timeMs += Math.round(thinkMs(session, next));
  return true;
}

/** Turns `purchase` into `failed` when paying fails. */
export function settle(session: Session, conditions: Conditions): void {
  if (session.step !== 'purchase') return;
  if (session.stream.chance(conditions.checkoutFailure[session.person.region] ?? 0)) session.step = 'failed';
}

/** Puts the item that the visitor looks at into the basket, or tells of the one already there. */
export function putIntoBasket(session: Session): BasketLine {
  const { basket, stream, item } = session;
  const told = session.basketTold;
  session.basketTold = true;
  const last = basket[basket.length - 1];
  if (!told && last !== undefined) return last;
  const quantity = stream.chance(0.88) ? 1 : 2 + stream.int(2);
  const line = { item, quantity };
  basket.push(line);
  return line;
}

/** Takes the present step without telling anybody. */
export function takeSilently(session: Session, conditions: Conditions): void {
  settle(session, conditions);
  if (session.step === 'cart') putIntoBasket(session);
}

function nextStep(session: Session, conditions: Conditions): Step | null {
  const { stream, basket } = session;
  const habits = PLATFORM[session.platform] ?? PLATFORM[0];
  switch (session.step) {
    case 'login':
      return browse(session);
    case 'view': {
      const roll = stream.next();
      const cart = habits.cart * (session.rushed ? 0.4 : 1);
      if (roll < cart && basket.length < 8) return 'cart';
      const leave = (basket.length > 0 ? 1.6 : 1) * (session.rushed ? 0.32 : habits.leave);
      return roll < cart + leave ? decide(session, conditions) : browse(session);
    }
    case 'cart':
      return stream.chance(habits.largeBasket) ? browse(session) : decide(session, conditions);
    case 'checkout':
      return 'purchase';
    case 'failed':
      session.failures += 1;
      return session.failures < 3 && stream.chance(0.6) ? 'purchase' : null;
    case 'purchase':
      basket.length = 0;
      session.failures = 0;
      return stream.chance(0.12) ? browse(session) : null;
  }
}

/** The next thing to look at: mostly of the same kind. */
function browse(session: Session): 'view' {
  const { stream } = session;
  if (stream.chance(0.22)) session.category = stream.int(CATEGORY_NAMES.length);
  session.item = pickItem(session.category, stream);
  return 'view';
}

/** At the end of a visit: to the checkout with the basket, or away from it. */
function decide(session: Session, conditions: Conditions): 'checkout' | null {
  if (session.basket.length === 0) return null;
  const platform = PLATFORM[session.platform]?.buy ?? 1;
  const tier = TIER_BUYS[session.person.tier] ?? 1;
  const bent = conditions.purchase[session.platform] ?? 1;
  return session.stream.chance(BUYS * platform * tier * bent) ? 'checkout' : null;
}

function thinkMs(session: Session, next: Step): number {
  const { stream } = session;
  const base = session.rushed ? 2_400 : (PLATFORM[session.platform] ?? PLATFORM[0]).thinkMs;
  const [factor, sigma] = THINK[next];
  return Math.min(LONGEST_THINK_MS, 400 + stream.logNormal(base * factor, sigma));
}

/** Time before each step, relative to the platform's pace, and its spread. */
const THINK: Readonly<Record<Step, readonly [factor: number, sigma: number]>> = {
  login: [0.5, 0.5],
  view: [1, 0.85],
  cart: [1.4, 0.8],
  checkout: [2.2, 0.8],
  purchase: [3.6, 0.6],
  failed: [1.2, 0.5],
};
