'use client';
import type { ReactNode } from 'react';
import { IconButton } from '../controls/Button.tsx';
import { Kbd, VisuallyHidden } from '../controls/Chip.tsx';
import { Menu, type MenuEntry } from '../controls/Menu.tsx';
import { Icon } from '../icons/Icon.tsx';
import { Logo } from '../icons/Logo.tsx';
import type { ThemeChoice } from '../theme/themeChoice.ts';
import { useTheme, useThemeChoice } from '../theme/useTheme.ts';
import { initials, type ShellPerson, type ShellWorkspace } from './model.ts';
import css from './shell.module.css';

export interface TopBarProps {
  readonly person: ShellPerson;
  readonly workspaces: readonly ShellWorkspace[];
  readonly workspaceId: string;
  readonly onSwitchWorkspace: (id: string) => void;
  readonly onSignOut: () => void;
  readonly onOpenPalette: () => void;
  /** The connection dot. */
  readonly connection: ReactNode;
}

/** Workspace, search, connection, theme, person. */
export function TopBar(props: TopBarProps) {
  return (
    <div className={css.bar}>
      <span className={css.barLogo}>
        <Logo />
      </span>
      <WorkspaceSwitcher {...props} />
      <button type="button" className={css.palette} onClick={props.onOpenPalette}>
        <Icon name="search" size={14} />
        <span className={css.paletteWords}>Search pages and panels, or run a command</span>
        <Kbd>Ctrl</Kbd>
        <Kbd>K</Kbd>
      </button>
      {props.connection}
      <span className={css.notNarrow}>
        <ThemeSwitch />
      </span>
      <IconButton icon="search" label="Search" className={css.onlyNarrow} onClick={props.onOpenPalette} />
      <PersonMenu person={props.person} onSignOut={props.onSignOut} />
    </div>
  );
}

function WorkspaceSwitcher({ workspaces, workspaceId, onSwitchWorkspace }: TopBarProps) {
  const current = workspaces.find((workspace) => workspace.id === workspaceId);
  const name = current?.name ?? workspaceId;
  const face = (
    <>
      <span className={css.square} aria-hidden="true">
        {initials(name).slice(0, 1)}
      </span>
      <span className={css.workspaceName}>{name}</span>
    </>
  );
  if (workspaces.length < 2) return <span className={css.workspace}>{face}</span>;
  const entries: MenuEntry[] = [
    { kind: 'label', label: 'Workspaces' },
    ...workspaces.map(
      (workspace): MenuEntry => ({
        kind: 'choice',
        label: workspace.name,
        isChosen: workspace.id === workspaceId,
        onSelect: () => onSwitchWorkspace(workspace.id),
      }),
    ),
  ];
  return (
    <Menu
      align="start"
      entries={entries}
      trigger={
        <button type="button" className={css.workspace}>
          {face}
          <VisuallyHidden>, switch workspace</VisuallyHidden>
          <Icon name="chevronDown" size={14} />
        </button>
      }
    />
  );
}

const THEME_WORDS: Record<ThemeChoice, string> = { system: 'As the device', light: 'Light', dark: 'Dark' };
const THEME_CHOICES: readonly ThemeChoice[] = ['system', 'light', 'dark'];

/** The theme choices as menu lines. */
export function useThemeEntries(): readonly MenuEntry[] {
  const [choice, choose] = useThemeChoice();
  return THEME_CHOICES.map((value) => ({
    kind: 'choice',
    label: THEME_WORDS[value],
    isChosen: choice === value,
    onSelect: () => choose(value),
  }));
}

function ThemeSwitch() {
  const theme = useTheme();
  const entries = useThemeEntries();
  return (
    <Menu
      entries={[{ kind: 'label', label: 'Theme' }, ...entries]}
      trigger={<IconButton icon={theme === 'light' ? 'sun' : 'moon'} label="Theme" />}
    />
  );
}

function PersonMenu({ person, onSignOut }: Pick<TopBarProps, 'person' | 'onSignOut'>) {
  const entries: MenuEntry[] = [
    { kind: 'label', label: `${person.name} · ${person.roleTitle}` },
    { kind: 'label', label: person.email },
    { kind: 'separator' },
    { kind: 'action', label: 'Sign out', icon: 'logout', onSelect: onSignOut },
  ];
  return (
    <Menu
      entries={entries}
      trigger={
        <button type="button" className={css.avatar}>
          <span aria-hidden="true">{initials(person.name)}</span>
          <VisuallyHidden>{`${person.name}, ${person.roleTitle}: menu`}</VisuallyHidden>
        </button>
      }
    />
  );
}
