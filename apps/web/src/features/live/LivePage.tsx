'use client';
import { CursorProvider, cx, type SourceInfo, VisuallyHidden } from '@ebap/ui';
import { useCallback, useMemo } from 'react';
import { type Viewer, viewerMay } from '../session/viewer.ts';
import { useDefaultRange } from './defaultRange.ts';
import { FeedPanel } from './FeedPanel.tsx';
import { useNow, useOverview } from './hooks.ts';
import { LiveBar } from './LiveBar.tsx';
import css from './live.module.css';
import { NowPanel } from './NowPanel.tsx';
import { OrdersPanel } from './OrdersPanel.tsx';
import { RatePanel } from './RatePanel.tsx';
import { RegionsPanel } from './RegionsPanel.tsx';
import { rangeFromStretch, trailingForRange } from './urlState.ts';
import { useLiveCommands } from './useLiveCommands.ts';
import { useLiveUrl } from './useLiveUrl.ts';
import { usePageTime } from './usePageTime.ts';

/** Is it fine, where is it not, since when: the numbers of now and of the last 24 hours. */
export function LivePage({ viewer }: { readonly viewer: Viewer }) {
  const [address, change] = useLiveUrl();
  const overview = useOverview();
  const now = useNow({});
  const defaultRange = useDefaultRange({
    overview: overview.view?.result ?? null,
    now: now.view?.now ?? null,
    isRefused: overview.refusal !== null || now.refusal !== null,
  });
  const range = address.range ?? defaultRange;
  const url = useMemo(() => ({ ...address, range }), [address, range]);
  const { zone, nowMs, shown } = usePageTime(url);
  const trailingMs = range && trailingForRange(range, nowMs ?? 0);
  const zoom = useCallback(
    (fromMs: number, toMs: number) => change({ range: rangeFromStretch(fromMs, toMs, Date.now()) }),
    [change],
  );
  const source: SourceInfo = { path: 'Live', engine: viewer.engines.live };
  const panel = { url, onUrlChange: change, source };
  const chart = { ...panel, zone, trailingMs, onZoom: zoom };
  const seesEvents = viewerMay(viewer, 'read:events_raw');
  useLiveCommands(change, seesEvents);
  return (
    <CursorProvider>
      <LiveBar
        url={url}
        overview={overview.view?.result ?? null}
        onUrlChange={change}
        zone={zone}
        nowMs={nowMs}
        shown={shown}
      />
      <div className={cx(css.page, !seesEvents && css.withoutFeed)}>
        <VisuallyHidden>
          <h1>Live</h1>
        </VisuallyHidden>
        <NowPanel {...panel} zone={zone} />
        <OrdersPanel {...chart} className={css.orders} />
        <RegionsPanel {...panel} />
        <RatePanel {...chart} by="platform" className={css.platforms} />
        <RatePanel {...chart} by="action" className={css.actions} />
        {seesEvents && <FeedPanel {...panel} zone={zone} />}
      </div>
    </CursorProvider>
  );
}
