'use client';
import { DropdownMenu } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { Icon } from '../icons/Icon.tsx';
import type { IconName } from '../icons/paths.ts';
import css from './controls.module.css';

/** One line of a menu. */
export type MenuEntry =
  | {
      readonly kind: 'action';
      readonly label: ReactNode;
      readonly icon?: IconName | undefined;
      readonly hint?: ReactNode;
      readonly isDisabled?: boolean;
      readonly onSelect: () => void;
    }
  | {
      readonly kind: 'choice';
      readonly label: ReactNode;
      readonly hint?: ReactNode;
      readonly isChosen: boolean;
      readonly onSelect: () => void;
      /** Several may be chosen: the menu stays open. */
      readonly keepsOpen?: boolean;
    }
  | { readonly kind: 'label'; readonly label: ReactNode }
  | { readonly kind: 'separator' };

export interface MenuProps {
  /** The control that opens it; must take a ref. */
  readonly trigger: ReactElement;
  readonly entries: readonly MenuEntry[];
  readonly align?: 'start' | 'end';
  readonly onOpenChange?: (isOpen: boolean) => void;
}

/** A menu of actions or choices. */
export function Menu({ trigger, entries, align = 'end', onOpenChange }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false} {...(onOpenChange && { onOpenChange })}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={css.menu} align={align} sideOffset={4} collisionPadding={8}>
          {entries.map((entry, index) => (
            <MenuLine key={index} entry={entry} />
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function MenuLine({ entry }: { readonly entry: MenuEntry }) {
  switch (entry.kind) {
    case 'separator':
      return <DropdownMenu.Separator className={css.menuSeparator} />;
    case 'label':
      return <DropdownMenu.Label className={css.menuLabel}>{entry.label}</DropdownMenu.Label>;
    case 'action':
      return (
        <DropdownMenu.Item className={css.menuItem} disabled={entry.isDisabled ?? false} onSelect={entry.onSelect}>
          {entry.icon && <Icon name={entry.icon} size={14} />}
          {entry.label}
          {entry.hint !== undefined && <span className={css.menuHint}>{entry.hint}</span>}
        </DropdownMenu.Item>
      );
    case 'choice':
      return (
        <DropdownMenu.CheckboxItem
          className={css.menuItem}
          checked={entry.isChosen}
          onSelect={(event) => {
            if (entry.keepsOpen) event.preventDefault();
            entry.onSelect();
          }}
        >
          <span style={{ width: 14, display: 'inline-flex' }}>
            <DropdownMenu.ItemIndicator>
              <Icon name="check" size={14} />
            </DropdownMenu.ItemIndicator>
          </span>
          {entry.label}
          {entry.hint !== undefined && <span className={css.menuHint}>{entry.hint}</span>}
        </DropdownMenu.CheckboxItem>
      );
  }
}
