import type { BrowserContext } from '@playwright/test';

/** Collects what must not happen in any page: errors, warnings of the content security policy, dialogs. */
export class BrowserWatch {
  readonly #complaints: string[] = [];
  readonly #expected: RegExp[] = [];

  constructor(context: BrowserContext) {
    context.on('console', (message) => {
      if (message.type() === 'error' || /content.security.policy/i.test(message.text()))
        this.#complaints.push(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.#complaints.push(`uncaught: ${error.error().stack}`));
    context.on('dialog', (dialog) => {
      this.#complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  /** Complaints that match belong to the journey: a refused page, a server that is away. */
  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  get complaints(): readonly string[] {
    return this.#complaints.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
  }
}
