'use client';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { Icon } from '../icons/Icon.tsx';
import { useThemeChoice } from '../theme/useTheme.ts';
import type { LinkComponent, NavItem, ShellPerson } from './model.ts';
import css from './shell.module.css';

const TAB_COUNT = 4;

/** The navigation of narrow screens: the first pages as tabs, everything else behind More. */
export function BottomTabs(props: {
  readonly nav: readonly NavItem[];
  readonly link: LinkComponent;
  readonly person: ShellPerson;
  readonly onSignOut: () => void;
}) {
  const { nav, link: Link } = props;
  return (
    <nav className={css.tabs} aria-label="Main, narrow">
      {nav.slice(0, TAB_COUNT).map((item) => (
        <Link key={item.href} href={item.href} className={css.tab} aria-current={item.isCurrent ? 'page' : undefined}>
          <Icon name={item.icon} size={20} />
          {item.label}
        </Link>
      ))}
      <MoreSheet {...props} />
    </nav>
  );
}

function MoreSheet(props: Parameters<typeof BottomTabs>[0]) {
  const { nav, link: Link, person, onSignOut } = props;
  const [isOpen, setIsOpen] = useState(false);
  const [choice, choose] = useThemeChoice();
  return (
    <Dialog.Root open={isOpen} onOpenChange={setIsOpen}>
      <Dialog.Trigger className={css.tab}>
        <Icon name="more" size={20} />
        More
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className={css.sheetScrim} />
        <Dialog.Content className={css.sheet} aria-describedby={undefined}>
          <Dialog.Title>More</Dialog.Title>
          {nav.slice(TAB_COUNT).map((item) => (
            <Link key={item.href} href={item.href} className={css.sheetItem} onClick={() => setIsOpen(false)}>
              <Icon name={item.icon} size={20} />
              {item.label}
            </Link>
          ))}
          <div className={css.sheetGroup}>Theme</div>
          {(['system', 'light', 'dark'] as const).map((value) => (
            <button
              key={value}
              type="button"
              className={css.sheetItem}
              aria-pressed={choice === value}
              onClick={() => choose(value)}
            >
              <Icon name={value === 'system' ? 'monitor' : value === 'light' ? 'sun' : 'moon'} size={20} />
              {value === 'system' ? 'As the device' : value === 'light' ? 'Light' : 'Dark'}
            </button>
          ))}
          <div className={css.sheetGroup}>
            {person.name} · {person.roleTitle}
          </div>
          <button type="button" className={css.sheetItem} onClick={onSignOut}>
            <Icon name="logout" size={20} />
            Sign out
          </button>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
