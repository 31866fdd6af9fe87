'use client';
import { type CSSProperties, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Icon } from '../icons/Icon.tsx';
import type { IconName } from '../icons/paths.ts';
import { cx } from '../util/cx.ts';
import { useSize } from '../util/useSize.ts';
import css from './feed.module.css';
import { rowWindow } from './virtualRows.ts';

const OVERSCAN_ROWS = 8;
const DETAIL_ROW_PX = 18;
const DETAIL_PADDING_PX = 12;
const DETAIL_COLUMN_PX = 186;
const DETAIL_INDENT_PX = 44;

/** One event as the feed shows it. All text is a producer's and is rendered as text. */
export interface FeedRow {
  readonly key: string;
  readonly icon: IconName;
  readonly time: string;
  readonly action: string;
  readonly subject: string;
  readonly amount: string;
  readonly place: string;
  readonly isLate: boolean;
  readonly details: readonly { readonly name: string; readonly value: string; readonly isMono?: boolean }[];
}

export interface EventFeedProps {
  /** Newest first. */
  readonly rows: readonly FeedRow[];
  readonly label: string;
  /** Rows that arrived while paused or while reading further down. */
  readonly waiting: number;
  readonly onShowWaiting: () => void;
  /** True while the person reads: points at the rows, has scrolled down or opened one. New rows should then wait. */
  readonly onReadingChange: (isReading: boolean) => void;
}

/** Newest events on top, only the visible rows in the DOM; a row opens in place. */
export function EventFeed({ rows, label, waiting, onShowWaiting, onReadingChange }: EventFeedProps) {
  const [ref, size] = useSize<HTMLElement>();
  const [scrollTopPx, setScrollTopPx] = useState(0);
  const [openKeys, setOpenKeys] = useState<ReadonlySet<string>>(new Set());
  const rowPx = useRowHeight();
  const detailsPx = useDetailsHeight(rows, size?.width ?? 0);
  const extraPx = useMemo(() => {
    const extra = new Map<number, number>();
    if (openKeys.size === 0) return extra;
    for (const [index, row] of rows.entries()) if (openKeys.has(row.key)) extra.set(index, detailsPx);
    return extra;
  }, [rows, openKeys, detailsPx]);
  const [isPointed, setIsPointed] = useState(false);
  // Rows that move away under the pointer cannot be clicked.
  const isReading = scrollTopPx > rowPx || openKeys.size > 0 || isPointed;
  useEffect(() => onReadingChange(isReading), [isReading, onReadingChange]);
  const view = rowWindow({
    rowCount: rows.length,
    rowPx,
    extraPx,
    scrollTopPx,
    viewportPx: size?.height ?? 0,
    overscanRows: OVERSCAN_ROWS,
  });
  const toggle = useCallback((key: string) => {
    setOpenKeys((open) =>
      open.has(key) ? new Set([...open].filter((other) => other !== key)) : new Set(open).add(key),
    );
  }, []);
  const showWaiting = () => {
    setOpenKeys(new Set());
    ref.current?.scrollTo({ top: 0 });
    onShowWaiting();
  };
  // A custom property, which CSSProperties cannot name.
  const style = { height: view.totalPx, '--details-px': `${detailsPx}px` } as CSSProperties;
  return (
    <div className={css.box}>
      <section
        ref={ref}
        className={css.scroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
        aria-label={label}
        onScroll={(event) => setScrollTopPx(event.currentTarget.scrollTop)}
        onPointerEnter={(event) => setIsPointed(event.pointerType !== 'touch')}
        onPointerLeave={() => setIsPointed(false)}
        onFocus={(event) =>
          setIsPointed(event.target !== event.currentTarget && event.target.matches(':focus-visible'))
        }
        onBlur={() => setIsPointed(false)}
      >
        <div style={style} className={css.spacer}>
          <ul className={css.window} style={{ top: view.offsetPx }}>
            {rows.slice(view.start, view.end).map((row) => (
              <FeedLine key={row.key} row={row} isOpen={openKeys.has(row.key)} onToggle={toggle} />
            ))}
          </ul>
        </div>
      </section>
      {waiting > 0 && (
        <div className={css.waitingSlot}>
          <button type="button" className={css.waiting} onClick={showWaiting}>
            {waiting.toLocaleString('en-GB')} newer, show
          </button>
        </div>
      )}
    </div>
  );
}

function FeedLine(props: {
  readonly row: FeedRow;
  readonly isOpen: boolean;
  readonly onToggle: (key: string) => void;
}) {
  const { row, isOpen, onToggle } = props;
  return (
    <li data-event={row.key}>
      <button
        type="button"
        className={cx(css.row, isOpen && css.open)}
        aria-expanded={isOpen}
        onClick={() => onToggle(row.key)}
      >
        <span className={css.caret}>
          <Icon name={isOpen ? 'chevronDown' : 'chevronRight'} size={12} />
        </span>
        <span className={css.time}>{row.time}</span>
        <span className={css.action}>
          <Icon name={row.icon} size={14} />
          {row.action}
        </span>
        <span className={css.subject}>
          {row.subject}
          {row.isLate && <span className={css.late}>late</span>}
        </span>
        <span className={css.amount}>{row.amount}</span>
        <span className={css.place}>{row.place}</span>
      </button>
      {isOpen && (
        <dl className={css.details}>
          {row.details.map((detail) => (
            <div key={detail.name}>
              <dt>{detail.name}</dt>
              <dd className={detail.isMono ? css.mono : undefined} title={detail.value}>
                {detail.value}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

/** All open rows are equally tall: as many lines as their details need at this width. */
function useDetailsHeight(rows: readonly FeedRow[], widthPx: number): number {
  const count = rows[0]?.details.length ?? 0;
  const columns = Math.max(1, Math.floor((widthPx - DETAIL_INDENT_PX + 18) / DETAIL_COLUMN_PX));
  return Math.ceil(count / columns) * DETAIL_ROW_PX + DETAIL_PADDING_PX;
}

/** Mirrors the heights in the style sheet, which depend on pointer and width. */
function useRowHeight(): number {
  const [rowPx, setRowPx] = useState(24);
  const measured = useRef<readonly MediaQueryList[]>([]);
  useLayoutEffect(() => {
    const coarse = matchMedia('(pointer: coarse)');
    const narrow = matchMedia('(max-width: 900px)');
    measured.current = [coarse, narrow];
    const update = () => setRowPx(coarse.matches ? 44 : narrow.matches ? 32 : 24);
    update();
    for (const query of measured.current) query.addEventListener('change', update);
    return () => {
      for (const query of measured.current) query.removeEventListener('change', update);
    };
  }, []);
  return rowPx;
}
