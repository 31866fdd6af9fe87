import type { Locator, Page } from '@playwright/test';

/** One panel of a page. */
export class Panel {
  readonly root: Locator;
  readonly stamp: Locator;
  readonly #page: Page;

  constructor(page: Page, id: string) {
    this.#page = page;
    this.root = page.locator(`[data-panel="${id}"]`);
    this.stamp = this.root.locator('time').first();
  }

  /** Rows of the panel's table, each as its cells' texts. */
  async rows(): Promise<string[][]> {
    const rows = await this.root.locator('tbody tr').all();
    return Promise.all(rows.map((row) => row.getByRole('cell').allInnerTexts()));
  }

  /** The cell of the row that begins with `key`, under the column of that title. */
  async cell(key: string, column: string): Promise<string> {
    const titles = await this.root.getByRole('columnheader').allInnerTexts();
    const index = titles.findIndex((title) => title.trim() === column);
    const row = (await this.rows()).find(([first]) => first?.trim() === key);
    return row?.[index]?.trim() ?? '';
  }

  /** Chooses an entry of the panel's menu. */
  async choose(entry: string): Promise<void> {
    await this.root.getByRole('button', { name: /: menu$/ }).click();
    await this.#page.getByRole('menuitem', { name: entry }).click();
  }
}
