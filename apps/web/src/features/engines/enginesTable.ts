import { formatClockWithZone, formatDay, NO_VALUE, type TableData } from '@ebap/ui';
import type { EnginesView } from '../../server/engineStatus.ts';

const DAY_MS = 86_400_000;

/** Every engine with its state, since when, and what its outage means. */
export function enginesTable({ engines, atMs }: EnginesView, zone: string): TableData {
  const since = (sinceMs: number): string => {
    const clock = formatClockWithZone(sinceMs, zone, 'second');
    return atMs - sinceMs < DAY_MS ? clock : `${formatDay(sinceMs, zone)}, ${clock}`;
  };
  return {
    caption: 'Engines',
    columns: [
      { key: 'engine', title: 'Engine' },
      { key: 'state', title: 'State' },
      { key: 'since', title: 'Since' },
      { key: 'message', title: 'Last answer', isSecondary: true },
      { key: 'effect', title: 'What still works', isSecondary: true, isGrowing: true },
    ],
    rows: (engines ?? []).map(({ engine, label, state, sinceMs, message, effect }) => ({
      key: engine,
      cells: [
        { value: label, text: label },
        { value: state, text: state },
        { value: sinceMs, text: since(sinceMs) },
        { value: message, text: message ?? NO_VALUE },
        state === 'up' ? { value: null, text: 'everything' } : { value: effect, text: effect },
      ],
    })),
  };
}
