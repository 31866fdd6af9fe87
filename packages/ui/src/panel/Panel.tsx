'use client';
import { type ReactNode, useCallback, useLayoutEffect, useRef, useState } from 'react';
import { IconButton } from '../controls/Button.tsx';
import { HelpTip } from '../controls/HelpTip.tsx';
import { Menu, type MenuEntry } from '../controls/Menu.tsx';
import { SourceBadge, type SourceInfo } from '../status/SourceBadge.tsx';
import { Stamp } from '../status/Stamp.tsx';
import { DataTable } from '../table/DataTable.tsx';
import { type TableData, toCsv } from '../table/tableData.ts';
import { useToast } from '../toast/Toast.tsx';
import { cx } from '../util/cx.ts';
import { downloadBlob, fileStem } from '../util/download.ts';
import { PanelBody } from './PanelBody.tsx';
import css from './panel.module.css';
import { PictureContext, type PictureMaker } from './panelExport.ts';
import type { PanelState, SkeletonShape } from './panelState.ts';

/** A title up to here leaves room for the source beside it on a phone. */
const SHORT_TITLE_LENGTH = 12;

/** How a panel is looked at; part of the page's URL. */
export interface PanelView {
  readonly isFullScreen: boolean;
  readonly isTable: boolean;
}

export interface PanelProps {
  /** Names the panel in links. */
  readonly id: string;
  readonly title: string;
  readonly source: SourceInfo;
  readonly state: PanelState;
  /** When the data was true; null before the first answer. */
  readonly asOfMs: number | null;
  readonly staleAfterMs?: number;
  /** How what is shown is defined; behind an info sign beside the title. */
  readonly help?: string;
  /** Chips right of the source badge: what narrows this panel. */
  readonly scope?: ReactNode;
  /** Replaces the stamp or stands before it. */
  readonly note?: ReactNode;
  /** Controls of the panel itself, before the menu. */
  readonly actions?: ReactNode;
  readonly skeleton?: SkeletonShape;
  /** The same data as rows: gives the panel a table view and CSV. */
  readonly table?: (() => TableData) | undefined;
  /** The panel is a table already: it has CSV, and nothing to switch. */
  readonly isTableOnly?: boolean;
  readonly view: PanelView;
  readonly onViewChange: (view: PanelView) => void;
  /** A link that shows this panel as it is now. */
  readonly shareUrl: () => string;
  /** A line between head and body. */
  readonly isRuled?: boolean;
  readonly extraMenu?: readonly MenuEntry[];
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** The one frame of everything the product shows. */
export function Panel(props: PanelProps) {
  const { id, title, state, view, onViewChange, className, isRuled = false } = props;
  const [picture, register] = usePictureRegistry();
  useEscape(view.isFullScreen, () => onViewChange({ ...view, isFullScreen: false }));
  const showsTable = view.isTable && !props.isTableOnly && props.table !== undefined;
  return (
    <section
      id={id}
      className={cx(
        css.panel,
        isRuled && css.ruled,
        view.isFullScreen && css.focused,
        state.kind === 'ready' && state.problem && css.isStale,
        className,
      )}
      aria-labelledby={`${id}-title`}
      data-panel={id}
      data-state={state.kind}
      data-panel-focused={view.isFullScreen || undefined}
    >
      <header className={cx(css.head, title.length <= SHORT_TITLE_LENGTH && css.short)}>
        <h2 className={css.title} id={`${id}-title`} title={title}>
          {title}
        </h2>
        {props.help && <HelpTip label={`${title}: what it means`}>{props.help}</HelpTip>}
        <span className={css.badge}>
          <SourceBadge source={props.source} />
        </span>
        {props.scope && <div className={css.scope}>{props.scope}</div>}
        <div className={css.right}>
          <span className={css.stampSlot}>
            {props.note}
            {props.asOfMs !== null && <Stamp asOfMs={props.asOfMs} staleAfterMs={props.staleAfterMs} />}
          </span>
          {props.actions}
          <PanelMenu {...props} picture={showsTable ? null : picture} />
        </div>
      </header>
      <div className={css.body}>
        <PictureContext value={register}>
          <PanelBody state={state} skeleton={props.skeleton ?? 'chart'}>
            {showsTable && props.table ? <DataTable data={props.table()} /> : props.children}
          </PanelBody>
        </PictureContext>
      </div>
    </section>
  );
}

function usePictureRegistry(): readonly [PictureMaker | null, (maker: PictureMaker) => () => void] {
  const [offer, setOffer] = useState<{ readonly maker: PictureMaker } | null>(null);
  const register = useCallback((maker: PictureMaker) => {
    setOffer({ maker });
    return () => setOffer((current) => (current?.maker === maker ? null : current));
  }, []);
  return [offer?.maker ?? null, register];
}

function PanelMenu(props: PanelProps & { readonly picture: PictureMaker | null }) {
  const { title, view, onViewChange, table, picture, state } = props;
  const notify = useToast();
  const isReady = state.kind === 'ready';
  const saveCsv = () => {
    if (table) downloadBlob(new Blob([toCsv(table())], { type: 'text/csv;charset=utf-8' }), `${fileStem(title)}.csv`);
  };
  const savePng = async () => {
    if (!picture) return;
    const blob = await picture({ title, source: `${props.source.path} · ${props.source.engine}` });
    downloadBlob(blob, `${fileStem(title)}.png`);
  };
  const share = async () => {
    try {
      await navigator.clipboard.writeText(props.shareUrl());
      notify({ title: 'Link copied', detail: 'It opens this panel with the same range and filters.' });
    } catch {
      notify({ title: 'The browser refused the clipboard', detail: props.shareUrl() });
    }
  };
  const entries: MenuEntry[] = [
    view.isFullScreen
      ? {
          kind: 'action',
          label: 'Leave full screen',
          icon: 'exitFullScreen',
          hint: 'Esc',
          onSelect: () => onViewChange({ ...view, isFullScreen: false }),
        }
      : {
          kind: 'action',
          label: 'Full screen',
          icon: 'fullScreen',
          onSelect: () => onViewChange({ ...view, isFullScreen: true }),
        },
  ];
  if (table && !props.isTableOnly)
    entries.push(
      view.isTable
        ? {
            kind: 'action',
            label: 'Leave the table',
            icon: 'chart',
            onSelect: () => onViewChange({ ...view, isTable: false }),
          }
        : {
            kind: 'action',
            label: 'Show as a table',
            icon: 'table',
            onSelect: () => onViewChange({ ...view, isTable: true }),
          },
    );
  entries.push({ kind: 'separator' });
  if (table)
    entries.push({ kind: 'action', label: 'Save as CSV', icon: 'download', isDisabled: !isReady, onSelect: saveCsv });
  if (picture)
    entries.push({
      kind: 'action',
      label: 'Save as PNG',
      icon: 'image',
      isDisabled: !isReady,
      onSelect: () => void savePng(),
    });
  entries.push(
    { kind: 'action', label: 'Copy link', icon: 'link', onSelect: () => void share() },
    ...(props.extraMenu ?? []),
  );
  return (
    <>
      {view.isFullScreen && (
        <IconButton
          icon="exitFullScreen"
          label="Leave full screen"
          onClick={() => onViewChange({ ...view, isFullScreen: false })}
        />
      )}
      <Menu entries={entries} trigger={<IconButton icon="more" label={`${title}: menu`} />} />
    </>
  );
}

/** Listens all the time: a listener that came with full screen would come after a key pressed straight away. */
function useEscape(isActive: boolean, onEscape: () => void) {
  const handler = useRef<(() => void) | null>(null);
  useLayoutEffect(() => {
    handler.current = isActive ? onEscape : null;
  });
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) handler.current?.();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
