import type { ReactNode } from 'react';
import { Logo } from '../icons/Logo.tsx';
import { cx } from '../util/cx.ts';
import css from './pages.module.css';

export interface MessagePageProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
  /** For support: status or digest. */
  readonly code?: string | undefined;
  /** Inside the shell, which shows the brand already. */
  readonly isInShell?: boolean;
}

/** A page that is one message: what happened, what was kept, what to do. */
export function MessagePage({ title, children, actions, code, isInShell = false }: MessagePageProps) {
  // The shell has the page's main landmark already.
  const Ground = isInShell ? 'div' : 'main';
  return (
    <Ground className={cx(css.page, isInShell && css.inShell)}>
      <div className={css.card}>
        {!isInShell && (
          <div className={css.mark}>
            <Logo size={24} />
            EBAP
          </div>
        )}
        <h1 className={css.title}>{title}</h1>
        <div className={css.body}>{children}</div>
        {actions && <div className={css.actions}>{actions}</div>}
        {code && <div className={css.code}>{code}</div>}
      </div>
    </Ground>
  );
}
