import { defineConfig } from '@playwright/test';
import journeys from './playwright.config.ts';

/** The journeys on real engines: `npm run e2e:cluster`. */
export default defineConfig(journeys, {
  testDir: './cluster',
  testIgnore: [],
  globalSetup: './cluster/globalSetup.ts',
  globalTimeout: 1_200_000,
  timeout: 180_000,
  expect: { timeout: 30_000 },
});
