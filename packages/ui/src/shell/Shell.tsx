'use client';
import { type CSSProperties, type ReactNode, useState } from 'react';
import { useHeight } from '../util/useHeight.ts';
import { BottomTabs } from './BottomTabs.tsx';
import { type LinkComponent, type NavItem, RAIL_COOKIE } from './model.ts';
import { Rail } from './Rail.tsx';
import css from './shell.module.css';
import { TopBar, type TopBarProps } from './TopBar.tsx';

const ONE_YEAR_S = 31_536_000;

export interface ShellProps extends TopBarProps {
  readonly nav: readonly NavItem[];
  readonly link: LinkComponent;
  readonly homeHref: string;
  readonly isRailSlim: boolean;
  /** Pairs of words and numbers at the rail's foot. */
  readonly vitals?: ReactNode;
  /** Told on every page, under the top bar; above a panel in full screen. */
  readonly notice?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of every page. A page adds its own bar with `PageBar`. */
export function Shell(props: ShellProps) {
  const [isSlim, setIsSlim] = useState(props.isRailSlim);
  const [notice, noticeHeightPx] = useHeight();
  // A custom property, which CSSProperties cannot name: a panel in full screen begins below what is told.
  const style = { '--notice': `${noticeHeightPx}px` } as CSSProperties;
  const toggle = () => {
    setIsSlim(!isSlim);
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser we serve
    document.cookie = `${RAIL_COOKIE}=${isSlim ? 'wide' : 'slim'}; path=/; max-age=${ONE_YEAR_S}; samesite=lax`;
  };
  return (
    <div className={css.app} data-rail={isSlim ? 'slim' : 'wide'} style={style}>
      <a className={css.skip} href="#main">
        Skip to the content
      </a>
      <Rail
        nav={props.nav}
        link={props.link}
        homeHref={props.homeHref}
        isSlim={isSlim}
        onToggle={toggle}
        vitals={props.vitals}
      />
      <div className={css.column}>
        <header className={css.top}>
          <TopBar {...props} />
          <div ref={notice} className={css.notice}>
            {props.notice}
          </div>
          <div id="page-bar" />
        </header>
        <main className={css.main} id="main" tabIndex={-1}>
          {props.children}
        </main>
      </div>
      <BottomTabs nav={props.nav} link={props.link} person={props.person} onSignOut={props.onSignOut} />
    </div>
  );
}
