import { Fragment, type ReactNode } from 'react';
import { IconButton } from '../controls/Button.tsx';
import { Icon } from '../icons/Icon.tsx';
import { Logo } from '../icons/Logo.tsx';
import type { LinkComponent, NavItem } from './model.ts';
import css from './shell.module.css';

/** The left rail: brand, pages, and the platform's vital signs. */
export function Rail(props: {
  readonly nav: readonly NavItem[];
  readonly link: LinkComponent;
  readonly homeHref: string;
  readonly isSlim: boolean;
  readonly onToggle: () => void;
  readonly vitals: ReactNode;
}) {
  const { nav, link: Link, isSlim, onToggle } = props;
  return (
    <aside className={css.rail}>
      <div className={css.brand}>
        <Link href={props.homeHref} className={css.brandLink} title="EBAP">
          <Logo />
          <span className={css.word}>EBAP</span>
        </Link>
        <IconButton
          className={css.collapse}
          icon="panelLeft"
          label={isSlim ? 'Expand navigation' : 'Collapse navigation'}
          aria-expanded={!isSlim}
          onClick={onToggle}
        />
      </div>
      <nav className={css.nav} aria-label="Main">
        {nav.map((item, index) => (
          <Fragment key={item.href}>
            {index > 0 && nav[index - 1]?.group !== item.group && <hr className={css.rule} />}
            <Link
              href={item.href}
              className={css.item}
              title={item.label}
              aria-current={item.isCurrent ? 'page' : undefined}
            >
              <Icon name={item.icon} />
              <span className={css.word}>{item.label}</span>
            </Link>
          </Fragment>
        ))}
      </nav>
      {props.vitals && <div className={css.vitals}>{props.vitals}</div>}
    </aside>
  );
}
