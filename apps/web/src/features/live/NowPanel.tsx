'use client';
import { MONEY_SCALE, type NowPayload } from '@ebap/pipeline/contracts';
import { MEASURES } from '@ebap/pipeline/semantics';
import {
  BigNumber,
  BigNumberRow,
  formatClockWithZone,
  formatCount,
  formatMoneyCompact,
  formatNoun,
  formatPercent,
  formatRate,
  Panel,
  Segmented,
  type SourceInfo,
  type TableData,
} from '@ebap/ui';
import { LIVE_STALE_AFTER_MS, topicPanelState } from '../../live/panelState.ts';
import { firstCartsDueMs } from './firstCarts.ts';
import { useNow } from './hooks.ts';
import css from './live.module.css';
import { RegionPicker } from './RegionPicker.tsx';
import type { LiveUrlState } from './urlState.ts';
import { panelUrlProps } from './useLiveUrl.ts';
import { PLATFORM_WORDS } from './words.ts';

const ALL = 'all';
const PLATFORM_OPTIONS = [
  { value: ALL, label: 'All platforms' },
  ...(['web', 'ios', 'android', 'pos'] as const).map((value) => ({ value, label: PLATFORM_WORDS[value] })),
];

export interface LivePanelProps {
  readonly url: LiveUrlState;
  readonly onUrlChange: (change: Partial<LiveUrlState>) => void;
  readonly source: SourceInfo;
}

/** The big numbers, with the page's platform and region filters. */
export function NowPanel({ url, onUrlChange, source, zone }: LivePanelProps & { readonly zone: string }) {
  const { view, refusal, retry } = useNow({ region: url.region ?? undefined, platform: url.platform ?? undefined });
  const now = view?.now ?? null;
  return (
    <Panel
      {...panelUrlProps('now', url, onUrlChange)}
      title="Now"
      source={source}
      state={topicPanelState({ hasData: now !== null, refusal, retry })}
      asOfMs={now?.asOfMs ?? null}
      staleAfterMs={LIVE_STALE_AFTER_MS}
      skeleton="tiles"
      isRuled
      className={css.now}
      table={now ? () => nowTable(now) : undefined}
      scope={
        <>
          <Segmented
            label="Platform"
            options={PLATFORM_OPTIONS}
            value={url.platform ?? ALL}
            onChange={(value) => onUrlChange({ platform: platformOf(value) })}
          />
          <RegionPicker region={url.region} onChange={(region) => onUrlChange({ region })} />
        </>
      }
    >
      {now && <NowTiles now={now} zone={zone} />}
    </Panel>
  );
}

function platformOf(value: string): LiveUrlState['platform'] {
  return (['web', 'ios', 'android', 'pos', 'other'] as const).find((platform) => platform === value) ?? null;
}

/** The big numbers themselves. */
export function NowTiles({ now, zone }: { readonly now: NowPayload; readonly zone: string }) {
  const { abandonment, sparklines } = now;
  const sales = salesOfLastMinute(now);
  return (
    <BigNumberRow columns={4}>
      <BigNumber
        label="Active users"
        value={formatCount(now.activeUsers)}
        note="distinct, last 5 min"
        help={MEASURES.active_users.description}
        trend={sparklines.activeUsers}
      />
      <BigNumber
        label="Events per second"
        value={formatRate(now.eventsPerSecond)}
        note="over the last 10 s"
        help={MEASURES.event_rate.description}
        trend={sparklines.eventsPerSecond}
      />
      <BigNumber
        label="Sales"
        value={formatMoneyCompact(sales, now.currency)}
        unit="per min"
        note={sales === null ? 'no full minute yet' : 'last full minute'}
        help={MEASURES.sales_rate.description}
        trend={sparklines.salesPerMinute}
      />
      <BigNumber
        label="Cart abandonment"
        value={formatPercent(abandonment.ratio)}
        note={<CartsNote now={now} zone={zone} />}
        help={MEASURES.cart_abandonment.description}
        trend={sparklines.abandonment}
      />
    </BigNumberRow>
  );
}

/** What the share is made of; in a young installation, when there will be one. */
function CartsNote({ now, zone }: { readonly now: NowPayload; readonly zone: string }) {
  const { due, abandoned } = now.abandonment;
  if (due > 0)
    return (
      <>
        <b>{formatCount(abandoned)}</b> of <b>{formatNoun(due, 'cart')}</b>, last hour
      </>
    );
  const dueMs = firstCartsDueMs(now);
  return dueMs === null ? 'none due in the last hour' : `first carts due at ${formatClockWithZone(dueMs, zone)}`;
}

/**
 * Sales of the newest full minute, in whole currency; null before there is one. Purchases are rare: over a few seconds
 * their rate would jump between nothing and far too much.
 */
export function salesOfLastMinute(now: NowPayload): number | null {
  const money = now.sparklines.salesPerMinute.at(-1) ?? null;
  return money === null ? null : money / MONEY_SCALE;
}

function nowTable(now: NowPayload): TableData {
  const row = (name: string, value: number | null, text: string, span: string) => ({
    key: name,
    cells: [
      { value: name, text: name },
      { value, text },
      { value: span, text: span },
    ],
  });
  const sales = salesOfLastMinute(now);
  return {
    caption: 'Now',
    columns: [
      { key: 'measure', title: 'Measure' },
      { key: 'value', title: 'Value', align: 'end' },
      { key: 'span', title: 'Over' },
    ],
    rows: [
      row('Active users', now.activeUsers, formatCount(now.activeUsers), 'last 5 min'),
      row('Events per second', now.eventsPerSecond, formatRate(now.eventsPerSecond), 'last 10 s'),
      row(`Sales per minute, ${now.currency}`, sales, formatMoneyCompact(sales, now.currency), 'last full minute'),
      row('Cart abandonment', now.abandonment.ratio, formatPercent(now.abandonment.ratio), 'last hour'),
    ],
  };
}
