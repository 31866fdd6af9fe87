'use client';
import { ROLE_TITLES } from '@ebap/pipeline/access';
import { type NavItem, type PaletteCommand, Shell, type ThemeChoice, ToastProvider, useThemeChoice } from '@ebap/ui';
import Link from 'next/link';
import { usePathname, useRouter } from 'next/navigation';
import { signOut } from 'next-auth/react';
import { type ReactNode, useMemo } from 'react';
import { EngineStatusProvider, OutageBanner } from '../features/engines/index.ts';
import { type Viewer, viewerMay } from '../features/session/viewer.ts';
import { LiveProvider } from '../live/LiveProvider.tsx';
import { CommandProvider, useCommands, useOpenPalette } from './Commands.tsx';
import { LiveStatus } from './LiveStatus.tsx';
import { pagesFor } from './pages.ts';
import { Vitals } from './Vitals.tsx';
import { switchWorkspace } from './workspace.ts';

export interface AppShellProps {
  readonly viewer: Viewer;
  readonly isRailSlim: boolean;
  readonly children: ReactNode;
}

/** The frame of all pages behind sign-in: navigation by permission, one live connection, commands. */
export function AppShell({ viewer, isRailSlim, children }: AppShellProps) {
  return (
    <ToastProvider>
      <LiveProvider>
        <EngineStatusProvider>
          <CommandProvider>
            <Frame viewer={viewer} isRailSlim={isRailSlim}>
              {children}
            </Frame>
          </CommandProvider>
        </EngineStatusProvider>
      </LiveProvider>
    </ToastProvider>
  );
}

function Frame({ viewer, isRailSlim, children }: AppShellProps) {
  const pathname = usePathname();
  const pages = useMemo(() => pagesFor(viewer.permissions), [viewer.permissions]);
  const nav: readonly NavItem[] = pages.map((page) => ({ ...page, isCurrent: pathname === page.href }));
  useCommands(useShellCommands(viewer));
  return (
    <Shell
      nav={nav}
      link={Link}
      homeHref="/live"
      isRailSlim={isRailSlim}
      person={{ ...viewer.person, roleTitle: viewer.roles.map((role) => ROLE_TITLES[role]).join(', ') }}
      workspaces={viewer.workspaces}
      workspaceId={viewer.workspace.id}
      onSwitchWorkspace={switchWorkspace}
      onSignOut={leave}
      onOpenPalette={useOpenPalette()}
      connection={<LiveStatus />}
      notice={<OutageBanner />}
      vitals={viewerMay(viewer, 'read:pipeline_status') && <Vitals />}
    >
      {children}
    </Shell>
  );
}

function leave() {
  void signOut({ callbackUrl: '/signin?reason=signed_out' });
}

const THEMES: readonly {
  readonly choice: ThemeChoice;
  readonly label: string;
  readonly icon: PaletteCommand['icon'];
}[] = [
  { choice: 'system', label: 'Theme as the device', icon: 'monitor' },
  { choice: 'light', label: 'Light theme', icon: 'sun' },
  { choice: 'dark', label: 'Dark theme', icon: 'moon' },
];

function useShellCommands(viewer: Viewer): readonly PaletteCommand[] {
  const router = useRouter();
  const [, chooseTheme] = useThemeChoice();
  return useMemo(
    () => [
      ...pagesFor(viewer.permissions).map((page) => ({
        id: `page:${page.href}`,
        group: 'Go to',
        label: page.label,
        icon: page.icon,
        keywords: page.keywords,
        run: () => router.push(page.href),
      })),
      ...THEMES.map(({ choice, label, icon }) => ({
        id: `theme:${choice}`,
        group: 'Look',
        label,
        icon,
        run: () => chooseTheme(choice),
      })),
      ...viewer.workspaces
        .filter((workspace) => workspace.id !== viewer.workspace.id)
        .map((workspace) => ({
          id: `workspace:${workspace.id}`,
          group: 'Workspace',
          label: `Switch to ${workspace.name}`,
          icon: 'workspace' as const,
          run: () => switchWorkspace(workspace.id),
        })),
      { id: 'sign-out', group: 'You', label: 'Sign out', icon: 'logout', keywords: 'log out leave', run: leave },
    ],
    [viewer, router, chooseTheme],
  );
}
