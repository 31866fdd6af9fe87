import type { ReactNode } from 'react';

/** What a panel shows. Once `ready`, a refresh never goes back to `loading`. */
export type PanelState =
  | { readonly kind: 'loading' }
  /** There is nothing to show, and `hint` says what to do next. */
  | { readonly kind: 'empty'; readonly title: string; readonly hint: ReactNode; readonly action?: ReactNode }
  | { readonly kind: 'error'; readonly error: PanelError }
  | { readonly kind: 'forbidden'; readonly hint: string }
  /** `problem`: the newest refresh failed; the data stays and says how old it is. */
  | { readonly kind: 'ready'; readonly problem?: PanelError | undefined };

export interface PanelError {
  /** What happened, and what was kept. */
  readonly message: string;
  /** For whoever repairs it: code, request id. Shown as text. */
  readonly details?: string | undefined;
  readonly onRetry?: (() => void) | undefined;
}

/** The shape a loading panel takes: its own. */
export type SkeletonShape = 'chart' | 'tiles' | 'rows';
