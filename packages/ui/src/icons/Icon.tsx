import { ICON_PATHS, type IconName } from './paths.ts';

export interface IconProps {
  readonly name: IconName;
  /** Edge length in CSS px. */
  readonly size?: number;
  readonly className?: string | undefined;
}

/** A decorative outline icon in the current text colour; the control around it carries the words. */
export function Icon({ name, size = 16, className }: IconProps) {
  return (
    <svg
      className={className}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={size <= 12 ? 2 : 1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ flex: 'none' }}
      aria-hidden="true"
      focusable="false"
    >
      <path d={ICON_PATHS[name]} />
    </svg>
  );
}
