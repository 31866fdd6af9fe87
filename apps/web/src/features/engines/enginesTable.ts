import { formatClockWithZone, formatDay, type TableCell, type TableData } from '@ebap/ui';
import type { EngineState, EnginesView } from '../../server/engineStatus.ts';

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
      { key: 'effect', title: 'What still works', isSecondary: true, isProse: true },
    ],
    rows: (engines ?? []).map(({ engine, label, state, sinceMs, message, effect }) => ({
      key: engine,
      cells: [
        { value: label, text: label },
        { value: state, text: state },
        { value: sinceMs, text: since(sinceMs) },
        known(state, effect, message),
      ],
    })),
  };
}

function known(state: EngineState, effect: string, message: string | null): TableCell {
  if (state === 'up') return { value: null, text: 'everything' };
  const text = message === null ? effect : `${effect} Last answer: ${message}`;
  return { value: text, text };
}
