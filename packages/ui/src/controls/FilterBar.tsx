'use client';
import { useEffect, useRef } from 'react';
import { Icon } from '../icons/Icon.tsx';
import { Chip, Kbd } from './Chip.tsx';
import css from './controls.module.css';
import { Menu, type MenuEntry } from './Menu.tsx';

export interface FilterDimension {
  readonly key: string;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly selected: readonly string[];
  readonly onChange: (selected: readonly string[]) => void;
}

export interface FilterBarProps {
  readonly dimensions: readonly FilterDimension[];
  /** Key that opens the menu while no text field has the focus. */
  readonly hotKey?: string;
}

/** Filters in force as chips, and a menu of all there are. No value chosen means all. */
export function FilterBar({ dimensions, hotKey }: FilterBarProps) {
  const addRef = useRef<HTMLButtonElement>(null);
  useHotKey(hotKey, () => {
    addRef.current?.focus();
    addRef.current?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a border and a legend of its own
    <div className={css.filterBar} role="group" aria-label="Filters">
      <Icon name="filter" size={14} />
      {dimensions
        .filter((dimension) => dimension.selected.length > 0)
        .map((dimension) => (
          <Chip
            key={dimension.key}
            name={dimension.label}
            value={dimension.selected.map((value) => labelOf(dimension, value)).join(', ')}
            onRemove={() => dimension.onChange([])}
          />
        ))}
      <Menu
        align="start"
        entries={dimensions.flatMap(dimensionEntries)}
        trigger={
          <button type="button" ref={addRef} className={css.filterAdd}>
            Add a filter
          </button>
        }
      />
      {hotKey && <Kbd>{hotKey.toUpperCase()}</Kbd>}
    </div>
  );
}

function labelOf(dimension: FilterDimension, value: string): string {
  return dimension.options.find((option) => option.value === value)?.label ?? value;
}

function dimensionEntries(dimension: FilterDimension): readonly MenuEntry[] {
  const { selected, onChange } = dimension;
  return [
    { kind: 'label', label: dimension.label },
    ...dimension.options.map(
      (option): MenuEntry => ({
        kind: 'choice',
        label: option.label,
        isChosen: selected.includes(option.value),
        keepsOpen: true,
        onSelect: () =>
          onChange(
            selected.includes(option.value)
              ? selected.filter((value) => value !== option.value)
              : [...selected, option.value],
          ),
      }),
    ),
  ];
}

function useHotKey(key: string | undefined, onPress: () => void) {
  const handler = useRef(onPress);
  handler.current = onPress;
  useEffect(() => {
    if (!key) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== key || event.ctrlKey || event.metaKey || event.altKey) return;
      if (
        event.target instanceof HTMLElement &&
        event.target.closest('input, textarea, select, [contenteditable], [role="menu"]')
      )
        return;
      event.preventDefault();
      handler.current();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [key]);
}
