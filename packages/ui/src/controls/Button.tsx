import type { ComponentPropsWithRef } from 'react';
import { Icon } from '../icons/Icon.tsx';
import type { IconName } from '../icons/paths.ts';
import { cx } from '../util/cx.ts';
import css from './controls.module.css';

export interface ButtonProps extends ComponentPropsWithRef<'button'> {
  /** At most one primary button per row. */
  readonly variant?: 'default' | 'primary' | 'quiet';
  readonly size?: 'small' | 'default' | 'large';
  readonly icon?: IconName;
}

/** A button with words. */
export function Button({ variant = 'default', size = 'default', icon, className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} className={buttonClass({ variant, size }, className)}>
      {icon && <Icon name={icon} size={14} />}
      {children}
    </button>
  );
}

/** The look of a button for links that act like one. */
export function buttonClass(look: Pick<ButtonProps, 'variant' | 'size'>, className?: string): string {
  const { variant, size } = look;
  return cx(
    css.button,
    variant === 'primary' && css.primary,
    variant === 'quiet' && css.quiet,
    size === 'small' && css.small,
    size === 'large' && css.large,
    className,
  );
}

export interface IconButtonProps extends Omit<ComponentPropsWithRef<'button'>, 'aria-label' | 'children'> {
  readonly icon: IconName;
  /** What it does; read aloud and shown as a tooltip. */
  readonly label: string;
}

/** A button of one icon; its label is its accessible name and the browser's tooltip. */
export function IconButton({ icon, label, className, ...rest }: IconButtonProps) {
  return (
    <button type="button" title={label} {...rest} aria-label={label} className={cx(css.iconButton, className)}>
      <Icon name={icon} />
    </button>
  );
}
