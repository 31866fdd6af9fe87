import '@ebap/ui/base.css';
import { parseThemeChoice, THEME_COOKIE, THEME_SCRIPT, ThemeKeeper } from '@ebap/ui';
import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import type { ReactNode } from 'react';
import { requestNonce } from '../shell/nonce.ts';

export const metadata: Metadata = {
  title: { default: 'EBAP', template: '%s · EBAP' },
  description: 'User actions and telemetry, live and historical from the same definitions',
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  viewportFit: 'cover',
  themeColor: [
    { media: '(prefers-color-scheme: dark)', color: '#131518' },
    { media: '(prefers-color-scheme: light)', color: '#FFFFFF' },
  ],
};

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const nonce = requestNonce(await headers());
  const choice = parseThemeChoice((await cookies()).get(THEME_COOKIE)?.value);
  return (
    // The script may set data-theme before React sees the page.
    <html lang="en" data-theme={choice === 'system' ? undefined : choice} suppressHydrationWarning>
      <head>
        <script
          nonce={nonce}
          suppressHydrationWarning
          // A constant of ours, with the page's nonce.
          dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }}
        />
      </head>
      <body>
        <ThemeKeeper />
        {children}
      </body>
    </html>
  );
}
