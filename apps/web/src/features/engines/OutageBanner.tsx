'use client';
import { formatClockWithZone, StateGlyph } from '@ebap/ui';
import { useSyncExternalStore } from 'react';
import type { Outage } from '../../server/engineStatus.ts';
import { useShellStatus } from './EngineStatusProvider.tsx';
import css from './engines.module.css';

/** A line per outage on every page: what is away, since when, what still works. Gone by itself when all is well. */
export function OutageBanner() {
  const { outages, over } = useShellStatus();
  const zone = useSyncExternalStore(
    () => () => undefined,
    () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    () => 'UTC',
  );
  // The region is there before there is news: screen readers tell what appears in it.
  return (
    <div className={css.banner} role="log" aria-label="Outages" aria-live="polite" data-outages={outages.length}>
      {outages.map((outage) => (
        <OutageLine key={outage.key} outage={outage} zone={zone} />
      ))}
      {over.map(({ key, text }) => (
        <p key={`over-${key}`} className={css.line} data-outage-over={key}>
          <StateGlyph state="normal">Back</StateGlyph>
          <b>{text}</b>
        </p>
      ))}
    </div>
  );
}

function OutageLine({ outage, zone }: { readonly outage: Outage; readonly zone: string }) {
  const { key, severity, title, effect, sinceMs } = outage;
  const isOutage = severity === 'outage';
  return (
    <p className={isOutage ? css.outage : css.limited} data-outage={key}>
      <StateGlyph state={isOutage ? 'firing' : 'pending'}>{isOutage ? 'Outage' : 'Limited'}</StateGlyph>
      <b>{title}</b>
      <time className={css.since} dateTime={new Date(sinceMs).toISOString()}>
        since {formatClockWithZone(sinceMs, zone, 'second')}
      </time>
      <span className={css.effect}>{effect}</span>
    </p>
  );
}
