import type { ReactNode } from 'react';
import { Icon } from '../icons/Icon.tsx';
import css from './controls.module.css';

export interface ChipProps {
  /** The dimension, `region`. */
  readonly name: string;
  /** Its value, `eu-west-1 Ireland`. */
  readonly value: ReactNode;
  readonly onRemove?: (() => void) | undefined;
}

/** A filter in force. */
export function Chip({ name, value, onRemove }: ChipProps) {
  return (
    <span className={css.chip}>
      {name} <b>{value}</b>
      {onRemove && (
        <button type="button" className={css.chipRemove} onClick={onRemove} aria-label={`Remove filter ${name}`}>
          <Icon name="close" size={10} />
        </button>
      )}
    </span>
  );
}

/** A key of the keyboard. */
export function Kbd({ children }: { readonly children: ReactNode }) {
  return <kbd className={css.kbd}>{children}</kbd>;
}

/** Words for screen readers only. */
export function VisuallyHidden({ children }: { readonly children: ReactNode }) {
  return <span className={css.visuallyHidden}>{children}</span>;
}
