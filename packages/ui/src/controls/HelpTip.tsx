'use client';
import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from './Button.tsx';
import css from './controls.module.css';

/** A definition behind an info sign; opens on click, so that it works by touch and keyboard alike. */
export function HelpTip({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton icon="info" label={label} className={css.help} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={css.tooltip} sideOffset={4} collisionPadding={8} align="start">
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
