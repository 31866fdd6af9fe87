/** How far a record may trail the newest one of its partition and still be counted live. */
export const ALLOWED_LATENESS_MS = 600_000;

/** Timestamps further ahead of their append time are dead letters. */
export const MAX_FUTURE_MS = 300_000;

/** Partials are cut every 250 ms of append time. */
export const CUT_MS = 250;

/** A cart is abandoned when no purchase follows within this time of its last change. */
export const CART_TIMEOUT_MS = 1_800_000;

/** Repeats of purchases are recognised for this long, also behind the watermark. */
export const PURCHASE_HORIZON_MS = 86_400_000;

/** An id is recognised as reused by another event for this long behind the watermark. */
export const ID_REUSE_HORIZON_MS = 300_000;
