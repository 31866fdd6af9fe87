'use client';
import type { PipelinePayload } from '@ebap/pipeline/contracts';
import { chartTable, formatCount, Panel, type PanelProps, TimeSeriesChart } from '@ebap/ui';
import { useMemo } from 'react';
import { ledgerTotals } from './figures.ts';
import { ledgerModel } from './ledgerModel.ts';
import css from './pipeline.module.css';

const TITLE = 'What became of every record';
const HELP =
  'All that the log took, by the minute of its arrival. What the HTTP edge refused never reached the log: its producer was told why, and the record is kept as a dead letter.';

/** Counted, duplicate, late and dead per minute of arrival: all that the log took; and what the edge refused before. */
export function LedgerPanel(
  props: Omit<PanelProps, 'title' | 'children' | 'table'> & {
    readonly pipeline: PipelinePayload | null;
    readonly zone: string;
  },
) {
  const { pipeline, zone, ...panel } = props;
  const model = useMemo(() => pipeline && ledgerModel(pipeline), [pipeline]);
  const isEmpty = panel.state.kind === 'ready' && model === null;
  return (
    <Panel
      {...panel}
      title={TITLE}
      help={HELP}
      state={
        isEmpty
          ? { kind: 'empty', title: 'Nothing has arrived in two hours', hint: 'Send an event to POST /v1/events.' }
          : panel.state
      }
      table={model ? () => chartTable(model, TITLE, zone) : undefined}
    >
      {model && pipeline && (
        <>
          <TimeSeriesChart model={model} zone={zone} label={TITLE} />
          <Totals pipeline={pipeline} />
        </>
      )}
    </Panel>
  );
}

function Totals({ pipeline }: { readonly pipeline: PipelinePayload }) {
  const totals = ledgerTotals(pipeline);
  const all = totals.counted + totals.duplicate + totals.late + totals.dead;
  return (
    <p className={css.totals}>
      Last two hours: <b>{formatCount(totals.counted)}</b> counted + <b>{formatCount(totals.duplicate)}</b> duplicate +{' '}
      <b>{formatCount(totals.late)}</b> late + <b>{formatCount(totals.dead)}</b> dead on the log ={' '}
      <b>{formatCount(all)}</b> arrived; <b>{formatCount(totals.refused)}</b> refused at the edge before
    </p>
  );
}
