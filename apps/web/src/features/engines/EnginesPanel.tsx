'use client';
import type { PanelProps } from '@ebap/ui';
import { TablePanel } from '../pipeline/TablePanel.tsx';
import { useShellStatus } from './EngineStatusProvider.tsx';
import { enginesTable } from './enginesTable.ts';

/** Some rounds of asking without an answer. */
const STALE_AFTER_MS = 10_000;

/** All engines that this installation runs on, as the web process last saw them. */
export function EnginesPanel({
  zone,
  ...panel
}: Pick<PanelProps, 'id' | 'view' | 'onViewChange' | 'shareUrl' | 'className'> & { readonly zone: string }) {
  const { view } = useShellStatus();
  const isKnown = view !== null && view.engines !== null;
  return (
    <TablePanel
      {...panel}
      title="Engines"
      source={{ path: 'Live', engine: 'Probes' }}
      asOfMs={view?.atMs ?? null}
      staleAfterMs={STALE_AFTER_MS}
      state={isKnown ? { kind: 'ready' } : { kind: 'loading' }}
      data={isKnown ? enginesTable(view, zone) : null}
      stateColumn={1}
      empty={{ title: 'No engine is watched', hint: 'The web process watches the engines of its profile.' }}
    />
  );
}
