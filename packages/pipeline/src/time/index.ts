/** Event time, append time, windows, watermarks. */
export {
  ALLOWED_LATENESS_MS,
  CART_TIMEOUT_MS,
  CUT_MS,
  ID_REUSE_HORIZON_MS,
  MAX_FUTURE_MS,
  PURCHASE_HORIZON_MS,
} from './constants.ts';
export { advanceWatermark, isLate, NO_WATERMARK } from './watermark.ts';
export { windowStartMs } from './windows.ts';
