import { defineConfig } from '@playwright/test';
import { findChromium } from '../stack/browser/findChromium.ts';

const browser = findChromium(process.env);
if (!browser.found) throw new Error(browser.advice);

/**
 * Journeys through the product in a real Chromium, on a whole platform of their own (see `platform/`). One at a time:
 * they share the platform, and the last ones end its processes.
 */
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.journey.ts',
  // On real engines, by a configuration of their own.
  testIgnore: 'cluster/**',
  outputDir: '../test-results',
  globalSetup: './platform/globalSetup.ts',
  globalTimeout: 600_000,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  workers: 1,
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: browser.path,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-default-apps',
        '--disable-extensions',
        '--disable-sync',
        '--no-first-run',
        '--metrics-recording-only',
      ],
    },
  },
});
