import type { FeedEvent } from '@ebap/pipeline/contracts';
import { currencySymbol, type FeedRow, formatClock, formatDuration, formatMoment } from '@ebap/ui';
import { eventKey, type FeedView } from '../../live/topicState.ts';
import { ACTION_ICONS, ACTION_WORDS, PLATFORM_WORDS, TIER_WORDS } from './words.ts';

const made = new WeakMap<FeedEvent, { readonly zone: string; readonly row: FeedRow }>();

/** An event as a row of the feed; made once per event and zone, as the feed moves several times a second. */
export function feedRow(event: FeedEvent, zone: string): FeedRow {
  const known = made.get(event);
  if (known?.zone === zone) return known.row;
  const row = makeRow(event, zone);
  made.set(event, { zone, row });
  return row;
}

function makeRow(event: FeedEvent, zone: string): FeedRow {
  return {
    key: eventKey(event),
    icon: ACTION_ICONS[event.action],
    time: formatClock(event.timeMs, zone, 'tenth'),
    action: ACTION_WORDS[event.action],
    subject: event.itemId ?? event.region,
    amount: amountText(event),
    place: PLATFORM_WORDS[event.platform],
    isLate: event.late,
    details: [
      { name: 'user', value: event.pseudonym ?? 'unknown', isMono: true },
      { name: 'tier', value: TIER_WORDS[event.tier] },
      { name: 'region', value: event.region, isMono: true },
      {
        name: 'profile',
        value: event.profileVersionMs === null ? 'none' : `of ${formatMoment(event.profileVersionMs, zone, 'minute')}`,
      },
      { name: 'offset', value: `${event.partition}/${event.offset.toLocaleString('en-GB')}`, isMono: true },
      { name: 'logged after', value: formatDuration(event.appendMs - event.timeMs) },
      { name: 'happened', value: formatMoment(event.timeMs, zone, 'tenth') },
      { name: 'platform', value: PLATFORM_WORDS[event.platform] },
      { name: 'event', value: event.id, isMono: true },
    ],
  };
}

/** The amount as the producer sent it; its text is not trusted to be a number. */
function amountText(event: FeedEvent): string {
  if (event.amount === null) return '';
  const amount = grouped(event.amount);
  if (event.currency === null) return amount;
  const symbol = currencySymbol(event.currency);
  return symbol.trim() === event.currency ? `${amount} ${event.currency}` : `${symbol}${amount}`;
}

/** `37570.00` as `37,570.00`; any other text as it is. */
function grouped(amount: string): string {
  return /^\d+(\.\d+)?$/.test(amount) ? amount.replace(/\B(?=(\d{3})+(?!\d)(?=\.|$))(?<!\..*)/g, ',') : amount;
}

/**
 * `48,213/s, 1 in 5,000 shown`: how much of what arrives the feed shows; with a filter only what arrives in all.
 * Null before anything was counted.
 */
export function feedRateWords(feed: FeedView, isFiltered: boolean): string | null {
  const [first] = feed.recent;
  const last = feed.recent.at(-1);
  if (!first || !last || last.atMs <= first.atMs) return null;
  const counted = feed.recent.slice(1);
  const arrived = counted.reduce((sum, one) => sum + one.arrived, 0);
  const shown = counted.reduce((sum, one) => sum + one.shown, 0);
  const perSecond = arrived / ((last.atMs - first.atMs) / 1_000);
  const rate = `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en-GB')}/s`;
  if (isFiltered) return `${rate} in all`;
  if (shown === 0 || arrived <= shown) return rate;
  return `${rate}, 1 in ${Math.round(arrived / shown).toLocaleString('en-GB')} shown`;
}
