import type { Permission } from '@ebap/pipeline/access';
import type { IconName } from '@ebap/ui';

/** A page of the product as the navigation knows it. */
export interface PageEntry {
  readonly href: `/${string}`;
  readonly label: string;
  readonly icon: IconName;
  /** Who lacks it does not see the page in the navigation, and gets 403 at its address. */
  readonly permission: Permission;
  readonly group: 'watch' | 'platform';
  /** What else people call it. */
  readonly keywords: string;
}

/** Every page that exists, in the order of the rail. */
export const PAGES: readonly PageEntry[] = [
  {
    href: '/live',
    label: 'Live',
    icon: 'live',
    permission: 'page:live',
    group: 'watch',
    keywords: 'now active users events sales abandonment regions feed',
  },
  {
    href: '/pipeline',
    label: 'Pipeline',
    icon: 'pipeline',
    permission: 'page:pipeline',
    group: 'platform',
    keywords: 'lag watermark checkpoint dead letters late cdc latency ingest',
  },
];

/** The pages that these permissions open. */
export function pagesFor(permissions: readonly Permission[]): readonly PageEntry[] {
  return PAGES.filter((page) => permissions.includes(page.permission));
}
