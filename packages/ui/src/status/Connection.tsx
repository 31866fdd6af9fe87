'use client';
import { cx } from '../util/cx.ts';
import css from './status.module.css';

/** How the page gets its live numbers right now. */
export type ConnectionStatus =
  | { readonly kind: 'live'; readonly detail?: string }
  /** Connected, and what comes is old. */
  | { readonly kind: 'delayed'; readonly detail?: string }
  | { readonly kind: 'reconnecting'; readonly detail?: string }
  | { readonly kind: 'paused'; readonly detail?: string };

const WORDS: Record<ConnectionStatus['kind'], string> = {
  live: 'Live',
  delayed: 'Delayed',
  reconnecting: 'Reconnecting',
  paused: 'Paused',
};

/** Dot and word: live, delayed, reconnecting (data stays), paused. Told to screen readers when it changes. */
export function ConnectionDot({ status }: { readonly status: ConnectionStatus }) {
  return (
    <span className={cx(css.connection, css[status.kind])} data-connection={status.kind}>
      <span className={css.dot} />
      <span>
        <b role="status">{WORDS[status.kind]}</b>
        {status.detail && <span className={css.detail}> · {status.detail}</span>}
      </span>
    </span>
  );
}
