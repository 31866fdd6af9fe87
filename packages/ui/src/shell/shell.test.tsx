import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import {
  Button,
  CommandPalette,
  ConnectionDot,
  Drawer,
  type LinkComponent,
  MessagePage,
  PageBar,
  Shell,
  THEME_SCRIPT,
} from '../index.ts';

const nothing = () => undefined;
const html = (node: ReactNode) => renderToStaticMarkup(node);

describe('shell', () => {
  const link: LinkComponent = ({ children, href, ...rest }) => (
    <a href={href} aria-current={rest['aria-current']}>
      {children}
    </a>
  );
  const markup = html(
    <Shell
      nav={[
        { href: '/live', label: 'Live', icon: 'live', isCurrent: true, group: 'watch' },
        { href: '/pipeline', label: 'Pipeline', icon: 'pipeline', isCurrent: false, group: 'platform' },
      ]}
      link={link}
      homeHref="/live"
      isRailSlim
      person={{ name: 'Ivana Marić', email: 'i@example.org', roleTitle: 'Admin' }}
      workspaces={[
        { id: 'a', name: 'Meridian' },
        { id: 'b', name: 'Nordwind' },
      ]}
      workspaceId="a"
      onSwitchWorkspace={nothing}
      onSignOut={nothing}
      onOpenPalette={nothing}
      connection={<ConnectionDot status={{ kind: 'live' }} />}
      vitals={<span>Ingest</span>}
    >
      <PageBar>bar</PageBar>
      content
    </Shell>,
  );

  it('names the open page, the person and the workspace', () => {
    expect(markup).toContain('aria-current="page"');
    expect(markup).toContain('Ivana Marić, Admin: menu');
    expect(markup).toContain(', switch workspace');
  });

  it('starts with a way past the navigation', () => expect(markup).toContain('Skip to the content'));

  it('is drawn slim when it was left slim', () => expect(markup).toContain('data-rail="slim"'));

  it('closed dialogs are not in the page', () => {
    expect(html(<CommandPalette isOpen={false} onOpenChange={nothing} commands={[]} />)).toBe('');
    expect(
      html(
        <Drawer title="x" isOpen={false} onClose={nothing}>
          y
        </Drawer>,
      ),
    ).toBe('');
  });

  it('a message page has what happened, what to do and a code', () => {
    const page = html(
      <MessagePage title="Gone" code="404" actions={<Button>Back</Button>}>
        It moved.
      </MessagePage>,
    );
    for (const text of ['Gone', 'It moved.', 'Back', '404']) expect(page).toContain(text);
  });

  it('the theme script sets the theme from the cookie, else from the device', () => {
    const run = (cookie: string, light: boolean) => {
      const root = { dataset: {} as Record<string, string> };
      new Function('document', 'matchMedia', THEME_SCRIPT)(
        { documentElement: root, cookie, currentScript: null },
        () => ({
          matches: light,
        }),
      );
      return root.dataset.theme;
    };
    expect([run('', true), run('', false), run('a=1; ebap-theme=dark', true), run('ebap-theme=light', false)]).toEqual([
      'light',
      'dark',
      'dark',
      'light',
    ]);
  });
});
