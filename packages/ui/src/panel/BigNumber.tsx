'use client';
import { Popover } from 'radix-ui';
import type { CSSProperties, ReactNode } from 'react';
import { Sparkline } from '../charts/Sparkline.tsx';
import controls from '../controls/controls.module.css';
import { NO_VALUE } from '../format/number.ts';
import css from './bigNumber.module.css';

export interface BigNumberProps {
  readonly label: string;
  /** The value with its sign or unit glued on: `184,302`, `€137.2k`, `74.9 %`. */
  readonly value: string;
  /** A longer unit, set small: `per min`. */
  readonly unit?: string;
  /** What the number is about: span, parts. */
  readonly note: ReactNode;
  /** How the measure is defined; shown when the label is pressed, by touch and keyboard too. */
  readonly help: string;
  readonly trend: readonly (number | null)[];
  /** A state glyph, once rules watch this measure. */
  readonly state?: ReactNode;
}

/** One number that can be read from three metres, with its last hour beneath. */
export function BigNumber({ label, value, unit, note, help, trend, state }: BigNumberProps) {
  return (
    <div className={css.tile} data-tile={label}>
      <div className={css.label}>
        <Popover.Root>
          <Popover.Trigger className={css.name}>{label}</Popover.Trigger>
          <Popover.Portal>
            <Popover.Content className={controls.tooltip} sideOffset={4} collisionPadding={8} align="start">
              {help}
            </Popover.Content>
          </Popover.Portal>
        </Popover.Root>
        {state}
      </div>
      <div className={css.number}>
        {value}
        {unit && value !== NO_VALUE && <small>{unit}</small>}
      </div>
      <div className={css.note}>{note}</div>
      <div className={css.spark}>
        <Sparkline values={trend} />
      </div>
    </div>
  );
}

/** Big numbers side by side, two to a row on a phone. */
export function BigNumberRow({ columns, children }: { readonly columns: number; readonly children: ReactNode }) {
  // A custom property, which CSSProperties cannot name.
  const style = { '--tile-columns': columns } as CSSProperties;
  return (
    <div className={css.tiles} style={style}>
      {children}
    </div>
  );
}
