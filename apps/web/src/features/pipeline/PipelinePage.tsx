'use client';
import { CursorProvider, Panel, type SourceInfo, VisuallyHidden } from '@ebap/ui';
import { useMemo, useState } from 'react';
import { LIVE_STALE_AFTER_MS, topicPanelState } from '../../live/panelState.ts';
import { EnginesPanel } from '../engines/index.ts';
import { usePipelineStatus } from '../live/hooks.ts';
import { panelUrlProps, useLiveUrl } from '../live/useLiveUrl.ts';
import { usePageTime } from '../live/usePageTime.ts';
import { type Viewer, viewerMay } from '../session/viewer.ts';
import { DeadLetterDrawer } from './DeadLetterDrawer.tsx';
import type { OpenLetters } from './deadLetters.ts';
import { LedgerPanel } from './LedgerPanel.tsx';
import { PipelineTiles } from './PipelineTiles.tsx';
import css from './pipeline.module.css';
import { TablePanel } from './TablePanel.tsx';
import { cdcTable, deadLettersTable, partitionsTable, storageTable, topicsTable } from './tables.ts';

/** How the platform itself is: rates, lag, watermarks, what was not counted and why, CDC, latency. */
export function PipelinePage({ viewer }: { readonly viewer: Viewer }) {
  const [url, change] = useLiveUrl();
  const { zone } = usePageTime(url);
  const [open, setOpen] = useState<OpenLetters | null>(null);
  const { view, refusal, retry } = usePipelineStatus(true);
  const pipeline = view?.pipeline ?? null;
  const source: SourceInfo = { path: 'Live', engine: viewer.engines.pipeline };
  const panel = { source, asOfMs: pipeline?.atMs ?? null, staleAfterMs: LIVE_STALE_AFTER_MS };
  const state = topicPanelState({ hasData: pipeline !== null, refusal, retry });
  const tables = useMemo(
    () =>
      pipeline && {
        partitions: partitionsTable(pipeline, zone),
        topics: topicsTable(pipeline),
        deadLetters: deadLettersTable(pipeline.deadLetters, pipeline.atMs, 'Dead letters by reason, last two hours'),
        system:
          pipeline.systemDeadLetters &&
          deadLettersTable(pipeline.systemDeadLetters, pipeline.atMs, 'Dead letters of no known workspace'),
        cdc: cdcTable(pipeline),
        storage: pipeline.storage && storageTable(pipeline.storage),
      },
    [pipeline, zone],
  );
  const mayOpenLetters = viewerMay(viewer, 'read:dead_letters');
  const props = (id: string) => ({ ...panel, ...panelUrlProps(id, url, change), state });
  return (
    <CursorProvider>
      <div className={css.page}>
        <VisuallyHidden>
          <h1>Pipeline</h1>
        </VisuallyHidden>
        <Panel {...props('flow')} title="Flow" skeleton="tiles" isRuled className={css.wide}>
          {pipeline && <PipelineTiles pipeline={pipeline} zone={zone} />}
        </Panel>
        <EnginesPanel {...panelUrlProps('engines', url, change)} zone={zone} className={css.wide} />
        <TablePanel
          {...props('cdc')}
          title="Change data capture"
          data={tables?.cdc ?? null}
          stateColumn={1}
          empty={{
            title: 'No stream is set up',
            hint: 'Profiles reach the pipeline by change data capture of the users table.',
          }}
          className={css.wide}
        />
        <LedgerPanel {...props('ledger')} pipeline={pipeline} zone={zone} className={css.ledger} />
        <TablePanel
          {...props('dead-letters')}
          title="Dead letters"
          data={tables?.deadLetters ?? null}
          empty={{ title: 'No dead letter', hint: 'Every record that arrived could be read.' }}
          onOpenRow={mayOpenLetters ? (reason) => setOpen({ reason, scope: 'workspace' }) : undefined}
          className={css.letterPanel}
        />
        {tables?.system && (
          <TablePanel
            {...props('system-dead-letters')}
            title="Dead letters of no known workspace"
            data={tables.system}
            empty={{ title: 'No such dead letter', hint: 'Every record named a workspace that exists.' }}
            onOpenRow={(reason) => setOpen({ reason, scope: 'system' })}
            className={css.wide}
          />
        )}
        <TablePanel
          {...props('topics')}
          title="Topics"
          data={tables?.topics ?? null}
          empty={{ title: 'No topic exists yet', hint: 'The worker creates them at its first start.' }}
          className={css.topics}
        />
        {tables?.storage && (
          <TablePanel
            {...props('storage')}
            title="Storage"
            data={tables.storage}
            empty={{ title: 'Not measured yet', hint: 'The worker measures every ten seconds.' }}
            className={css.storage}
          />
        )}
        <TablePanel
          {...props('partitions')}
          title="Partitions"
          data={tables?.partitions ?? null}
          stateColumn={2}
          empty={{ title: 'No task runs', hint: 'Start a stream worker; it takes the partitions by itself.' }}
          className={css.wide}
        />
      </div>
      <DeadLetterDrawer letters={open} zone={zone} onClose={() => setOpen(null)} />
    </CursorProvider>
  );
}
