'use client';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from '../controls/Button.tsx';
import css from './drawer.module.css';

/** Details beside the page: opens from the right, holds the focus, closes by Escape. */
export function Drawer(props: {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Dialog.Root open={props.isOpen} onOpenChange={(isOpen) => !isOpen && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={css.scrim} />
        <Dialog.Content className={css.drawer} aria-describedby={undefined}>
          <header className={css.head}>
            <Dialog.Title>{props.title}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton icon="close" label="Close" />
            </Dialog.Close>
          </header>
          <div className={css.body}>{props.children}</div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
