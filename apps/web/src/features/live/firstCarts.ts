import type { NowPayload } from '@ebap/pipeline/contracts';
import { CART_TIMEOUT_MS } from '@ebap/pipeline/time';

/**
 * When the first carts of a young installation come due: a cart's timeout after its data begins. Null once that moment
 * has passed, and where data goes back further than the numbers of now.
 */
export function firstCartsDueMs(now: NowPayload): number | null {
  const { startMs, stepMs, eventsPerSecond } = now.sparklines;
  const known = eventsPerSecond.findIndex((value) => value !== null);
  // Full minutes only: in its first minute a workspace has numbers of now, and none of them.
  const first = known < 0 && now.activeUsers !== null ? eventsPerSecond.length : known;
  if (first <= 0) return null;
  const dueMs = startMs + first * stepMs + CART_TIMEOUT_MS;
  return dueMs > now.asOfMs ? dueMs : null;
}
