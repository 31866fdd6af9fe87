import { RAIL_COOKIE } from '@ebap/ui';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { currentViewer } from '../../features/session/currentViewer.ts';
import { requireViewer } from '../../features/session/pageViewer.ts';
import { AppShell } from '../../shell/AppShell.tsx';

/** Everything behind sign-in. */
export default async function AppLayout({ children }: { readonly children: ReactNode }) {
  const viewer = await requireViewer(await currentViewer());
  const isRailSlim = (await cookies()).get(RAIL_COOKIE)?.value === 'slim';
  return (
    <AppShell viewer={viewer} isRailSlim={isRailSlim}>
      {children}
    </AppShell>
  );
}
