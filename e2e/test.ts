import { test as base, expect } from '@playwright/test';
import { BrowserWatch } from './pages/browserWatch.ts';
import { LivePage } from './pages/livePage.ts';
import { PipelinePage } from './pages/pipelinePage.ts';
import { Shell } from './pages/shell.ts';
import { SignIn } from './pages/signIn.ts';
import { handedOver } from './platform/handOver.ts';
import type { PlatformAddress } from './platform/platform.ts';

interface Pages {
  readonly signIn: SignIn;
  readonly shell: Shell;
  readonly live: LivePage;
  readonly pipeline: PipelinePage;
  /** What the browser complained about; a journey that leaves complaints unexplained fails. */
  readonly watch: BrowserWatch;
}

/** Playwright's `test` with the platform, the product's pages, and an eye on the browser's console. */
export const test = base.extend<Pages, { readonly platform: PlatformAddress }>({
  platform: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures wanted from the pattern
    async ({}, use) => {
      const platform = handedOver();
      if (platform === null) throw new Error('No platform was handed over by the global setup.');
      await use(platform);
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ platform }, use) => use(platform.url),
  watch: [
    async ({ context }, use) => {
      const watch = new BrowserWatch(context);
      await use(watch);
      expect(watch.complaints).toEqual([]);
    },
    { auto: true },
  ],
  signIn: async ({ page, platform }, use) => use(new SignIn(page, platform.url)),
  shell: async ({ page }, use) => use(new Shell(page)),
  live: async ({ page }, use) => use(new LivePage(page)),
  pipeline: async ({ page }, use) => use(new PipelinePage(page)),
});

export { expect };
