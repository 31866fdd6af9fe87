import { expect, type Locator, type Page } from '@playwright/test';

/** The feed of raw events, for roles that may see it. */
export class EventFeed {
  readonly root: Locator;
  readonly rows: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.root = page.locator('[data-panel="events"]');
    this.rows = this.root.locator('li[data-event]');
  }

  /** Waits until events that arrive from now on are shown; there may be none yet. */
  async listens(): Promise<void> {
    await expect(this.root).toHaveAttribute('data-state', 'ready');
  }

  /** The row of an event about this item. */
  row(itemId: string): Locator {
    return this.rows.filter({ hasText: itemId });
  }

  /** Value beside a name in an open row. */
  detail(row: Locator, name: string): Locator {
    return row
      .locator('dl > div')
      .filter({ has: this.#page.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
      .locator('dd');
  }

  async filterBy(option: string): Promise<void> {
    await this.root.getByRole('button', { name: 'Add a filter' }).click();
    await this.#page.getByRole('menuitemcheckbox', { name: option, exact: true }).click();
    await this.#page.keyboard.press('Escape');
  }
}
