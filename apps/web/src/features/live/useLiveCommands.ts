'use client';
import type { PaletteCommand } from '@ebap/ui';
import { useMemo } from 'react';
import { useCommands } from '../../shell/Commands.tsx';
import { useRegions } from './hooks.ts';
import { type LiveUrlState, RANGE_PRESETS } from './urlState.ts';
import { PLATFORM_WORDS, regionLabel } from './words.ts';

const PANELS = [
  { id: 'orders', label: 'Orders and cart abandonment' },
  { id: 'platforms', label: 'Events per second by platform' },
  { id: 'actions', label: 'Events per second by action' },
  { id: 'regions', label: 'Regions' },
] as const;

/** What the palette can do on the Live page: ranges, filters, panels. */
export function useLiveCommands(change: (next: Partial<LiveUrlState>) => void, seesEvents: boolean): void {
  const regions = useRegions().view?.regions.rows;
  // Regions move every second; the commands only change with their codes.
  const codes = (regions ?? []).map((row) => `${row.code}|${regionLabel(row)}`).join('\n');
  const commands = useMemo<readonly PaletteCommand[]>(
    () => [
      ...RANGE_PRESETS.map((preset) => ({
        id: `range:${preset.name}`,
        group: 'Range',
        label: preset.label,
        icon: 'calendar' as const,
        keywords: `follow now ${preset.name}`,
        run: () => change({ range: { kind: 'trailing', trailingMs: preset.trailingMs } }),
      })),
      ...(seesEvents ? [...PANELS, { id: 'events', label: 'Events' }] : PANELS).map((panel) => ({
        id: `panel:${panel.id}`,
        group: 'Full screen',
        label: panel.label,
        icon: 'fullScreen' as const,
        keywords: 'panel open show',
        run: () => change({ panel: panel.id }),
      })),
      ...(['web', 'ios', 'android', 'pos'] as const).map((platform) => ({
        id: `platform:${platform}`,
        group: 'Filter',
        label: `Only ${PLATFORM_WORDS[platform]}`,
        icon: 'filter' as const,
        keywords: 'platform',
        run: () => change({ platform }),
      })),
      {
        id: 'filter:none',
        group: 'Filter',
        label: 'Clear all filters',
        icon: 'close',
        keywords: 'reset remove',
        run: () => change({ platform: null, region: null, feedActions: [] }),
      },
      ...codes
        .split('\n')
        .filter(Boolean)
        .map((line) => {
          const [code = '', label = ''] = line.split('|');
          return {
            id: `region:${code}`,
            group: 'Region',
            label,
            icon: 'globe' as const,
            keywords: 'filter only',
            run: () => change({ region: code }),
          };
        }),
    ],
    [change, seesEvents, codes],
  );
  useCommands(commands);
}
