import type { ComponentType, ReactNode } from 'react';
import type { IconName } from '../icons/paths.ts';

/** A page in the navigation; a page the person may not open is not in the list. */
export interface NavItem {
  readonly href: string;
  readonly label: string;
  readonly icon: IconName;
  readonly isCurrent: boolean;
  /** Pages of one kind stand together; a rule separates groups. */
  readonly group: string;
}

/** Cookie that keeps the rail collapsed, so that the server draws it so. */
export const RAIL_COOKIE = 'ebap-rail';

/** How the app links: its router's link component. */
export type LinkComponent = ComponentType<{
  readonly href: string;
  readonly className?: string | undefined;
  readonly 'aria-current'?: 'page' | undefined;
  readonly title?: string | undefined;
  readonly onClick?: () => void;
  readonly children: ReactNode;
}>;

export interface ShellPerson {
  readonly name: string;
  readonly email: string;
  /** The role's title, as people know it. */
  readonly roleTitle: string;
}

export interface ShellWorkspace {
  readonly id: string;
  readonly name: string;
}

/** `Ivana Marić` → `IM`; a single word gives its first two letters. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s.@_-]+/u)
    .filter(Boolean);
  const first = words[0] ?? '?';
  const letters =
    words.length > 1 ? `${[...first][0] ?? ''}${[...(words.at(-1) ?? '')][0] ?? ''}` : [...first].slice(0, 2).join('');
  return letters.toLocaleUpperCase('en');
}
