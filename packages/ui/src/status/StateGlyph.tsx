import type { ReactNode } from 'react';
import { cx } from '../util/cx.ts';
import css from './status.module.css';

/** The states of an alert; shapes differ so that colour is never alone. */
export type AlertState = 'normal' | 'pending' | 'firing' | 'nodata';

const WORDS: Record<AlertState, string> = {
  normal: 'Normal',
  pending: 'Pending',
  firing: 'Firing',
  nodata: 'No data',
};

export interface StateGlyphProps {
  readonly state: AlertState;
  /** Other words than the state's own. */
  readonly children?: ReactNode;
  /** Normal is not news: grey words beside a green ring. */
  readonly isQuiet?: boolean;
}

/** Glyph and word of a state, always both. */
export function StateGlyph({ state, children, isQuiet = false }: StateGlyphProps) {
  return (
    <span className={cx(css.state, isQuiet ? css.quiet : css[state])}>
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" focusable="false">
        {SHAPES[state]}
      </svg>
      {children ?? WORDS[state]}
    </span>
  );
}

const SHAPES: Record<AlertState, ReactNode> = {
  normal: (
    <g fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinecap="round" strokeLinejoin="round">
      <circle cx="7" cy="7" r="5.6" />
      <path d="M4.6 7.2l1.7 1.7 3.2-3.6" />
    </g>
  ),
  pending: (
    <g strokeLinejoin="round" strokeLinecap="round">
      <path d="M7 1.2 12.8 7 7 12.8 1.2 7Z" fill="var(--state-pending-fill)" stroke="var(--state-pending-solid)" />
      <path d="M7 4.2V7l1.7 1.2" fill="none" stroke="var(--state-pending-on)" strokeWidth="1.3" />
    </g>
  ),
  firing: (
    <g>
      <path d="M4.3.7h5.4l3.6 3.6v5.4l-3.6 3.6H4.3L.7 9.7V4.3Z" fill="var(--state-firing-solid)" />
      <path d="M7 3.6v4" stroke="var(--state-firing-on)" strokeWidth="1.7" strokeLinecap="round" />
      <circle cx="7" cy="10.2" r="1" fill="var(--state-firing-on)" />
    </g>
  ),
  nodata: (
    <g fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinecap="round">
      <circle cx="7" cy="7" r="5.6" strokeDasharray="2.2 1.6" />
      <path d="M5 7h4" />
    </g>
  ),
};
