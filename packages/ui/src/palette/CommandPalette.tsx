'use client';
import { Dialog } from 'radix-ui';
import { Fragment, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Kbd } from '../controls/Chip.tsx';
import { Icon } from '../icons/Icon.tsx';
import type { IconName } from '../icons/paths.ts';
import { type Command, matchCommands } from './matchCommands.ts';
import css from './palette.module.css';

export interface PaletteCommand extends Command {
  readonly icon: IconName;
  readonly run: () => void;
}

export interface CommandPaletteProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly commands: readonly PaletteCommand[];
}

/** Everything that can be done from here, by typing. Opens with Ctrl K or ⌘ K. */
export function CommandPalette({ isOpen, onOpenChange, commands }: CommandPaletteProps) {
  usePaletteKey(() => onOpenChange(!isOpen));
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className={css.scrim} />
        <Dialog.Content className={css.dialog} aria-label="Search and commands" aria-describedby={undefined}>
          <Dialog.Title hidden>Search and commands</Dialog.Title>
          <PaletteList commands={commands} onDone={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteList({
  commands,
  onDone,
}: {
  readonly commands: readonly PaletteCommand[];
  readonly onDone: () => void;
}) {
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const listRef = useRef<HTMLDivElement>(null);
  const listId = useId();
  const found = matchCommands(query, commands);
  const chosen = Math.min(active, found.length - 1);
  useEffect(() => {
    listRef.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  });
  const run = (command: PaletteCommand | undefined) => {
    if (!command) return;
    onDone();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') run(found[chosen]);
    else if (event.key === 'ArrowDown') setActive((chosen + 1) % Math.max(1, found.length));
    else if (event.key === 'ArrowUp') setActive((chosen - 1 + found.length) % Math.max(1, found.length));
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div className={css.field}>
        <Icon name="search" />
        <input
          className={css.input}
          placeholder="Search or run a command"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={chosen >= 0 ? `${listId}-${chosen}` : undefined}
          aria-label="Search or run a command"
          autoComplete="off"
          spellCheck={false}
        />
        <Kbd>Esc</Kbd>
      </div>
      <div className={css.list} ref={listRef} role="listbox" id={listId} aria-label="Commands">
        {found.length === 0 && <div className={css.none}>Nothing matches “{query}”.</div>}
        {found.map((command, index) => (
          <Fragment key={command.id}>
            {query === '' && found[index - 1]?.group !== command.group && (
              <div className={css.group} role="presentation">
                {command.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled on the combobox, which keeps the focus */}
            <div
              id={`${listId}-${index}`}
              className={css.option}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              onPointerMove={() => setActive(index)}
              onClick={() => run(command)}
            >
              <Icon name={command.icon} />
              {command.label}
              <span className={css.hint}>{command.hint ?? (query === '' ? '' : command.group)}</span>
            </div>
          </Fragment>
        ))}
      </div>
    </>
  );
}

function usePaletteKey(onPress: () => void) {
  const handler = useRef(onPress);
  handler.current = onPress;
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      handler.current();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
