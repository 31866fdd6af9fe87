import { expect, type Locator, type Page } from '@playwright/test';

/** The frame of every page behind sign-in. */
export class Shell {
  readonly navigation: Locator;
  readonly connection: Locator;
  readonly workspace: Locator;
  /** What is away, a line each. */
  readonly outages: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.navigation = page.getByRole('navigation', { name: 'Main', exact: true });
    this.connection = page.locator('[data-connection]');
    this.outages = page.locator('[data-outage]');
    this.workspace = page.getByRole('button', { name: /switch workspace/ });
  }

  /** The line of one outage. */
  outage(key: string): Locator {
    return this.#page.locator(`[data-outage="${key}"]`);
  }

  /** Names of the pages in the rail. */
  async pages(): Promise<string[]> {
    await expect(this.navigation).toBeVisible();
    const names = await this.navigation.getByRole('link').allTextContents();
    return names.map((name) => name.trim());
  }

  async open(name: 'Live' | 'Pipeline'): Promise<void> {
    await this.navigation.getByRole('link', { name }).click();
    await this.#page.waitForURL(`**/${name.toLowerCase()}*`);
  }

  async switchWorkspace(name: string): Promise<void> {
    await this.workspace.click();
    await this.#page.getByRole('menuitemcheckbox', { name }).click();
    await expect(this.workspace).toContainText(name);
  }

  async chooseTheme(name: 'As the device' | 'Light' | 'Dark'): Promise<void> {
    await this.#page.getByRole('button', { name: 'Theme' }).click();
    await this.#page.getByRole('menuitemcheckbox', { name }).click();
  }

  async signOut(): Promise<void> {
    await this.#page
      .getByRole('banner')
      .getByRole('button', { name: /: menu$/ })
      .click();
    await this.#page.getByRole('menuitem', { name: 'Sign out' }).click();
    await expect(this.#page).toHaveURL(/\/signin/);
  }
}
