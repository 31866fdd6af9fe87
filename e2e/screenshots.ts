/**
 * `node e2e/screenshots.ts <folder> [url] [view,view…]`: pictures of every page, for people to look at: each role, dark
 * and light, wide, middling and on a phone. Starts a platform of its own unless the address of a running one is given;
 * all roles unless some are named. Says which pages scroll sideways.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, type BrowserContextOptions, chromium, type Page } from '@playwright/test';
import { findChromium } from '../stack/browser/findChromium.ts';
import { PEOPLE, type Person } from './pages/people.ts';
import { SignIn } from './pages/signIn.ts';
import { type Platform, startPlatform } from './platform/platform.ts';

/** Enough for lines in the charts of a platform that has just been started. */
const WARM_UP_MS = 90_000;
const SETTLE_MS = 2_500;
const REDRAW_MS = 500;
const WIDE = { width: 1440, height: 900 };
const MIDDLING = { width: 1024, height: 768 };
const PHONE = { width: 360, height: 740 };

interface Shot {
  readonly name: string;
  readonly path: string;
  /** What to do before the picture. */
  readonly prepare?: (page: Page) => Promise<void>;
}

const VIEWS: Readonly<Record<string, { readonly person: Person | null; readonly shots: readonly Shot[] }>> = {
  nobody: {
    person: null,
    shots: [
      { name: 'signin', path: '/signin' },
      { name: 'signed-out', path: '/signin?reason=signed_out' },
    ],
  },
  visitor: { person: PEOPLE.visitor, shots: [{ name: 'no-role', path: '/no-role' }] },
  devops: {
    person: PEOPLE.devops,
    shots: [
      { name: 'live', path: '/live?range=15m' },
      { name: 'pipeline', path: '/pipeline' },
      { name: 'not-found', path: '/nowhere' },
    ],
  },
  'product-manager': {
    person: PEOPLE.productManager,
    shots: [
      { name: 'live', path: '/live?range=15m' },
      { name: 'live-filtered', path: '/live?range=15m&platform=ios&region=eu-central-1' },
      { name: 'live-tables', path: '/live?range=15m&table=platforms,orders,now' },
      { name: 'live-full-screen', path: '/live?range=15m&panel=orders' },
      { name: 'live-3h', path: '/live' },
      { name: 'forbidden', path: '/pipeline' },
    ],
  },
  'data-analyst': {
    person: PEOPLE.dataAnalyst,
    shots: [
      { name: 'live', path: '/live?range=15m' },
      { name: 'live-event-open', path: '/live?range=15m&actions=purchase', prepare: openEvent },
      { name: 'live-palette', path: '/live?range=15m', prepare: (page) => page.keyboard.press('Control+k') },
      {
        name: 'live-menu',
        path: '/live?range=15m',
        prepare: (page) => page.getByRole('button', { name: 'Regions: menu' }).click(),
      },
      { name: 'live-events-full-screen', path: '/live?range=15m&panel=events' },
      { name: 'pipeline', path: '/pipeline' },
      { name: 'pipeline-dead-letters', path: '/pipeline', prepare: openDeadLetters },
    ],
  },
  'customer-support': { person: PEOPLE.customerSupport, shots: [{ name: 'live', path: '/live?range=15m' }] },
  admin: {
    person: PEOPLE.admin,
    shots: [
      { name: 'live', path: '/live?range=15m' },
      { name: 'pipeline', path: '/pipeline' },
    ],
  },
};

async function openEvent(page: Page): Promise<void> {
  const first = page.locator('li[data-event] button').first();
  if (await first.isVisible()) await first.click();
}

async function openDeadLetters(page: Page): Promise<void> {
  const first = page.locator('[data-panel="dead-letters"] tbody button').first();
  if (await first.isVisible()) await first.click();
  await delay(1_000);
}

function contextOptions(url: string): BrowserContextOptions {
  return { baseURL: url, locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' };
}

async function shootAll(browser: Browser, url: string, folder: string, only: readonly string[]): Promise<void> {
  for (const [role, { person, shots }] of Object.entries(VIEWS)) {
    if (only.length > 0 && !only.includes(role)) continue;
    const desk = await browser.newContext(contextOptions(url));
    const page = await desk.newPage();
    if (person !== null) await new SignIn(page, url).as(person);
    const storageState = await desk.storageState();
    const hand = await browser.newContext({ ...contextOptions(url), storageState, hasTouch: true, isMobile: true });
    const phone = await hand.newPage();
    for (const shot of shots) {
      const file = join(folder, `${role}-${shot.name}`);
      await shoot(page, shot, file, DESK);
      await shoot(phone, shot, file, HAND);
      console.log(`${role}: ${shot.name}`);
    }
    await desk.close();
    await hand.close();
  }
}

/** A window as tall as its page: pictures of the whole page by other means lose touch and what sticks to an edge. */
async function growToPage(page: Page, { width, height }: Look['viewport']): Promise<void> {
  const pageHeight = Number(await page.evaluate('document.documentElement.scrollHeight'));
  if (pageHeight <= height) return;
  await page.setViewportSize({ width, height: pageHeight });
  await delay(REDRAW_MS);
}

interface Look {
  readonly name: string;
  readonly viewport: { readonly width: number; readonly height: number };
}

const DESK: readonly Look[] = [
  { name: '', viewport: WIDE },
  { name: 'middling-', viewport: MIDDLING },
];
const HAND: readonly Look[] = [{ name: 'phone-', viewport: PHONE }];

async function shoot(page: Page, { path, prepare }: Shot, file: string, looks: readonly Look[]): Promise<void> {
  const all = looks.flatMap((look) => (['dark', 'light'] as const).map((colorScheme) => ({ ...look, colorScheme })));
  for (const { name, colorScheme, viewport } of all) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.goto(path);
    await delay(SETTLE_MS);
    await prepare?.(page);
    if (prepare === undefined) await growToPage(page, viewport);
    await page.screenshot({ path: `${file}-${name}${colorScheme}.png` });
    const beyondPx = Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'));
    if (beyondPx > 0) console.warn(`${file}-${name}${colorScheme} scrolls sideways by ${beyondPx} px`);
  }
}

const [folder, givenUrl, views = ''] = process.argv.slice(2);
const found = findChromium(process.env);
if (folder === undefined || !found.found) {
  console.error(found.found ? 'Say which folder the pictures go to.' : found.advice);
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
let platform: Platform | undefined;
const browser = await chromium.launch({ executablePath: found.path, args: ['--no-sandbox', '--disable-gpu'] });
try {
  if (givenUrl === undefined) {
    platform = await startPlatform();
    await delay(WARM_UP_MS);
  }
  await shootAll(browser, givenUrl ?? platform?.url ?? '', folder, views.split(',').filter(Boolean));
} finally {
  await browser.close();
  await platform?.stop();
}
