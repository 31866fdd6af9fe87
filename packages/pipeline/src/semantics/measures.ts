import type { Grain } from '../contracts/dimensions.ts';

export type Unit = 'events' | 'events/s' | 'users' | 'orders' | 'money' | 'money/min' | 'ratio';
export type Dimension = 'region' | 'platform' | 'tier' | 'action';

export interface MeasureDefinition {
  readonly name: string;
  readonly title: string;
  /** Shown as help in the product. */
  readonly description: string;
  readonly unit: Unit;
  /** Additive measures add up over time and groups; distinct counts over neither; ratios by their two parts. */
  readonly kind: 'additive' | 'distinct' | 'ratio';
  readonly dimensions: readonly Dimension[];
  readonly grains: readonly Grain[];
}

const ALL: readonly Grain[] = ['10s', '1m', '5m', '1h'];

/** The catalog: every number the product shows is one of these. */
export const MEASURES = {
  events: {
    name: 'events',
    title: 'Events',
    description: 'Accepted events by their own time. Duplicates, late events and dead letters are not counted.',
    unit: 'events',
    kind: 'additive',
    dimensions: ['region', 'platform', 'tier', 'action'],
    grains: ALL,
  },
  event_rate: {
    name: 'event_rate',
    title: 'Events per second',
    description: 'Accepted events divided by the length of their window.',
    unit: 'events/s',
    kind: 'additive',
    dimensions: ['region', 'platform', 'tier', 'action'],
    grains: ALL,
  },
  active_users: {
    name: 'active_users',
    title: 'Active users',
    description: 'Distinct users with at least one event in the window. Exact; does not add up over time or groups.',
    unit: 'users',
    kind: 'distinct',
    dimensions: ['region', 'platform', 'tier'],
    grains: ['1m', '5m', '1h'],
  },
  orders: {
    name: 'orders',
    title: 'Orders',
    description: 'Purchase events.',
    unit: 'orders',
    kind: 'additive',
    dimensions: ['region', 'platform', 'tier'],
    grains: ALL,
  },
  sales: {
    name: 'sales',
    title: 'Sales',
    description: "Amounts of purchases in the workspace's currency, at the rate valid at the time of the purchase.",
    unit: 'money',
    kind: 'additive',
    dimensions: ['region', 'platform', 'tier'],
    grains: ALL,
  },
  sales_rate: {
    name: 'sales_rate',
    title: 'Sales per minute',
    description: 'Sales divided by the length of their window in minutes.',
    unit: 'money/min',
    kind: 'additive',
    dimensions: ['region', 'platform', 'tier'],
    grains: ALL,
  },
  cart_abandonment: {
    name: 'cart_abandonment',
    title: 'Cart abandonment',
    description:
      'Share of carts without a purchase within 30 minutes of their last change. A cart belongs to the minute 30 minutes after its last change, bought or not.',
    unit: 'ratio',
    kind: 'ratio',
    dimensions: ['region', 'platform', 'tier'],
    grains: ['1m', '5m', '1h'],
  },
} as const satisfies Record<string, MeasureDefinition>;

export type MeasureName = keyof typeof MEASURES;

export const MEASURE_NAMES = Object.keys(MEASURES) as readonly MeasureName[];
