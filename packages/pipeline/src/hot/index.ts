/** The hot store's layout: keys, topics and value formats shared by the worker (writes) and the web (reads). */
export { decodeCell, EMPTY_CELL, encodeCell, type WindowCell } from './cell.ts';
export {
  type EdgeRates,
  FEED_FIELD,
  FEED_RING,
  type FeedCut,
  hotKeys,
  hotTopics,
  STORAGE_FIELD,
  SYSTEM_WORKSPACE,
  windowExpiresAtMs,
} from './layout.ts';
export { HOT_WINDOW_TTL_MS } from './retention.ts';
