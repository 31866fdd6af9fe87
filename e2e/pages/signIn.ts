import type { Locator, Page } from '@playwright/test';
import type { Person } from './people.ts';

/** The way in: the product's sign-in page and the identity provider's list of people. */
export class SignIn {
  readonly button: Locator;
  readonly notice: Locator;
  readonly #page: Page;
  readonly #url: string;

  constructor(page: Page, url: string) {
    this.#page = page;
    this.#url = url;
    this.button = page.getByRole('button', { name: 'Sign in with your organisation' });
    this.notice = page.getByRole('status');
  }

  /** Opens a page of the product without a session, and goes through the provider back to it. */
  async as(person: Person, path = '/live', workspace: 'meridian' | 'acme' = 'meridian'): Promise<void> {
    await this.#page.context().addCookies([{ name: 'ebap-workspace', value: workspace, url: this.#url }]);
    await this.#page.goto(path);
    await this.button.click();
    await this.choose(person);
  }

  /** One click on the provider's page. */
  async choose(person: Person): Promise<void> {
    await this.#page.getByRole('button', { name: person }).click();
    await this.#page.waitForURL((url) => !url.pathname.startsWith('/idp') && !url.pathname.startsWith('/api/auth'));
  }
}
