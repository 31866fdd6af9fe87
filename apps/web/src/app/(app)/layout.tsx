import { RAIL_COOKIE } from '@ebap/ui';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { currentViewer } from '../../features/session/currentViewer.ts';
import { AppShell } from '../../shell/AppShell.tsx';

/** Everything behind sign-in. */
export default async function AppLayout({ children }: { readonly children: ReactNode }) {
  const outcome = await currentViewer();
  switch (outcome.kind) {
    case 'signed_out':
      redirect('/signin');
      break;
    case 'no_role':
      redirect('/no-role');
      break;
    case 'viewer': {
      const isRailSlim = (await cookies()).get(RAIL_COOKIE)?.value === 'slim';
      return (
        <AppShell viewer={outcome.viewer} isRailSlim={isRailSlim}>
          {children}
        </AppShell>
      );
    }
  }
}
