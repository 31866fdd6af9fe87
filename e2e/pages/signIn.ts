import type { BrowserContext, Locator, Page } from '@playwright/test';
import type { Person } from './people.ts';

type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>;

/** Sessions of this run, so that not every journey walks the whole way in. */
const sessions = new Map<Person, Cookies>();

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

  /** Opens a page of the product as this person, by the session of an earlier journey if there is one that lives. */
  async as(person: Person, path = '/live', workspace: 'meridian' | 'acme' = 'meridian'): Promise<void> {
    const context = this.#page.context();
    await context.addCookies([
      ...(sessions.get(person) ?? []),
      { name: 'ebap-workspace', value: workspace, url: this.#url },
    ]);
    await this.#page.goto(path);
    if (!this.#page.url().includes('/signin')) return;
    await this.button.click();
    await this.choose(person);
    const cookies = await context.cookies(this.#url);
    sessions.set(
      person,
      cookies.filter(({ name }) => name.endsWith('ebap-session')),
    );
  }

  /** One click on the provider's page. */
  async choose(person: Person): Promise<void> {
    await this.#page.getByRole('button', { name: person }).click();
    await this.#page.waitForURL((url) => !url.pathname.startsWith('/idp') && !url.pathname.startsWith('/api/auth'));
  }
}
