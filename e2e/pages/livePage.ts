import type { Locator, Page } from '@playwright/test';
import { EventFeed } from './eventFeed.ts';
import { parseNumber } from './numbers.ts';
import { Panel } from './panel.ts';

export type TileName = 'Active users' | 'Events per second' | 'Sales' | 'Cart abandonment';

/** The page of what is happening now. */
export class LivePage {
  readonly heading: Locator;
  readonly now: Panel;
  readonly regions: Panel;
  readonly platforms: Panel;
  readonly feed: EventFeed;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.heading = page.getByRole('heading', { name: 'Live', level: 1 });
    this.now = new Panel(page, 'now');
    this.regions = new Panel(page, 'regions');
    this.platforms = new Panel(page, 'platforms');
    this.feed = new EventFeed(page);
  }

  panel(id: string): Panel {
    return new Panel(this.#page, id);
  }

  /** A big number with its label and note. */
  tile(name: TileName): Locator {
    return this.now.root.locator(`[data-tile="${name}"]`);
  }

  /** The big number's value; NaN while there is none. */
  async value(name: TileName): Promise<number> {
    return parseNumber((await this.tile(name).locator('div').nth(1).textContent()) ?? '');
  }

  async choosePlatform(name: string): Promise<void> {
    await this.now.root.getByRole('radio', { name, exact: true }).click();
  }

  async chooseRegion(code: string): Promise<void> {
    await this.now.root.getByRole('button', { name: /^Region:/ }).click();
    await this.#page.getByRole('menuitemcheckbox', { name: code }).click();
  }
}
