import { randomUUID } from 'node:crypto';
import { AppError } from '@ebap/pipeline/errors';
import { type Browser, chromium, type Page } from '@playwright/test';
import { findChromium } from '../stack/browser/findChromium.ts';

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-quic',
  '--disable-component-update',
  '--disable-sync',
];

/** Notes when a marked text is first on the screen: after the frame in which it was added. */
const WATCH = `
  window.painted = {};
  new MutationObserver(() => {
    for (const m of document.body.innerText.matchAll(/mark-[0-9a-f]{8}/g))
      if (!(m[0] in window.painted)) { window.painted[m[0]] = -1; requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => { window.painted[m[0]] = Date.now(); }; c.port2.postMessage(0); }); }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });`;

/** A first look right after the start, on a machine with much to do. */
const OPEN_WITHIN_MS = 120_000;
/** How long an event may take to the screen before it counts as not painted. */
const LAST_PAINT_MS = 5_000;

/** The Live page of a workspace in a real Chromium, which notes when marked events are painted. */
export class LivePage {
  /** Of the browser. */
  readonly pid: number | undefined;
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #close: () => Promise<void>;

  private constructor(browser: Browser, page: Page, pid: number | undefined, close: () => Promise<void>) {
    this.#browser = browser;
    this.#page = page;
    this.pid = pid;
    this.#close = close;
  }

  /**
   * Signs in as the admin and opens the page.
   * @param url of the web app, as the identity provider knows it
   * @throws AppError `configuration` without a Chromium
   */
  static async open(url: string, workspace: string): Promise<LivePage> {
    const found = findChromium(process.env);
    if (!found.found) throw new AppError('configuration', found.advice);
    // Whoever opens it decides what a Ctrl-C does.
    const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
    const server = await chromium.launchServer({ executablePath: found.path, args: QUIET, ...signals });
    try {
      const browser = await chromium.connect(server.wsEndpoint());
      const page = await browser.newPage();
      page.setDefaultTimeout(OPEN_WITHIN_MS);
      await openLive(page, url, workspace);
      await page.evaluate(WATCH);
      return new LivePage(browser, page, server.process().pid, () => server.close());
    } catch (error) {
      await server.kill();
      throw error;
    }
  }

  /** When each mark was painted, ms since the epoch. */
  async painted(): Promise<ReadonlyMap<string, number>> {
    const painted = (await this.#page.evaluate('window.painted')) as Record<string, number>;
    return new Map(Object.entries(painted).filter(([, atMs]) => atMs > 0));
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#close();
  }
}

async function openLive(page: Page, url: string, workspace: string): Promise<void> {
  await page.goto(`${url}/signin`);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL(/idp/);
  await page.getByRole('button', { name: /admin/i }).click();
  await page.waitForURL(/\/live/);
  await page.context().addCookies([{ name: 'ebap-workspace', value: workspace, url }]);
  await page.goto(`${url}/live?ws=${workspace}`);
  await page.locator('[data-panel]').first().waitFor();
}

/** Events that can be told on the screen, and when the edge accepted them. */
export class Marks {
  readonly #url: string;
  readonly #key: string;
  readonly #acceptedMs = new Map<string, number>();
  /** Answers of the edge other than 202. */
  refused = 0;

  /** @param key a write key of the workspace that the page shows */
  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  get accepted(): number {
    return this.#acceptedMs.size;
  }

  /** Sends one. @throws when the edge can't be reached */
  async send(): Promise<void> {
    const mark = `mark-${randomUUID().slice(0, 8)}`;
    const event = {
      id: randomUUID(),
      user_id: `probe-${mark}`,
      action: 'view',
      timestamp: new Date().toISOString(),
      location: 'eu-west-1',
      metadata: { platform: 'web', item_id: mark },
    };
    const response = await fetch(`${this.#url}/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
      body: JSON.stringify([event]),
    });
    await response.arrayBuffer();
    if (response.status === 202) this.#acceptedMs.set(mark, Date.now());
    else this.refused++;
  }

  /** From acceptance to paint, ms. Waits for the last ones first. */
  async latencies(page: LivePage): Promise<{ readonly latenciesMs: readonly number[]; readonly notPainted: number }> {
    await new Promise((resolve) => setTimeout(resolve, LAST_PAINT_MS));
    const painted = await page.painted();
    const latenciesMs = [...this.#acceptedMs].flatMap(([mark, acceptedMs]) => {
      const paintedMs = painted.get(mark);
      return paintedMs === undefined ? [] : [paintedMs - acceptedMs];
    });
    return { latenciesMs, notPainted: this.#acceptedMs.size - latenciesMs.length };
  }
}

/** Irregular, so that marks meet every phase of a cut. */
export function markPauseMs(): number {
  return 300 + Math.random() * 700;
}
