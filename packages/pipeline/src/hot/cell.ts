import { AppError } from '../errors/index.ts';

/** All measures of one member in one window. Null = not kept at this grain, or nothing known yet. */
export interface WindowCell {
  readonly view: number;
  readonly cart: number;
  readonly purchase: number;
  readonly login: number;
  /** 1e-4 units of the workspace's currency. */
  readonly sales: number;
  /** Distinct users; null for 10 s panes. */
  readonly activeUsers: number | null;
  /** Carts whose outcome belongs to this window. */
  readonly cartsDue: number;
  /** Those of them that were abandoned. */
  readonly cartsAbandoned: number;
}

export const EMPTY_CELL: WindowCell = {
  view: 0,
  cart: 0,
  purchase: 0,
  login: 0,
  sales: 0,
  activeUsers: null,
  cartsDue: 0,
  cartsAbandoned: 0,
};

/** Text form: eight comma-separated integers, the sixth empty for null. */
export function encodeCell(cell: WindowCell): string {
  return `${cell.view},${cell.cart},${cell.purchase},${cell.login},${cell.sales},${cell.activeUsers ?? ''},${cell.cartsDue},${cell.cartsAbandoned}`;
}

/** @throws AppError `corrupt_data` if the text is not eight integers. */
export function decodeCell(text: string): WindowCell {
  const parts = text.split(',');
  if (parts.length !== 8)
    throw new AppError('corrupt_data', 'a window cell must have eight numbers', { context: { text } });
  const n = (i: number): number => {
    const value = Number(parts[i]);
    if (!/^\d+$/.test(parts[i] ?? '') || !Number.isSafeInteger(value))
      throw new AppError('corrupt_data', 'a window cell holds a number that is no integer', { context: { text } });
    return value;
  };
  return {
    view: n(0),
    cart: n(1),
    purchase: n(2),
    login: n(3),
    sales: n(4),
    activeUsers: parts[5] === '' ? null : n(5),
    cartsDue: n(6),
    cartsAbandoned: n(7),
  };
}
