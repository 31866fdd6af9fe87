import type { Locator, Page } from '@playwright/test';
import { parseNumber } from './numbers.ts';
import { Panel } from './panel.ts';

/** The page of how the platform itself is. */
export class PipelinePage {
  readonly heading: Locator;
  readonly flow: Panel;
  readonly ledger: Panel;
  readonly deadLetters: Panel;
  readonly partitions: Panel;
  readonly topics: Panel;
  readonly cdc: Panel;
  readonly engines: Panel;

  constructor(page: Page) {
    this.heading = page.getByRole('heading', { name: 'Pipeline', level: 1 });
    this.flow = new Panel(page, 'flow');
    this.ledger = new Panel(page, 'ledger');
    this.deadLetters = new Panel(page, 'dead-letters');
    this.partitions = new Panel(page, 'partitions');
    this.topics = new Panel(page, 'topics');
    this.cdc = new Panel(page, 'cdc');
    this.engines = new Panel(page, 'engines');
  }

  tile(name: string): Locator {
    return this.flow.root.locator(`[data-tile="${name}"]`);
  }

  /** What became of all records of the last two hours. */
  async ledgerTotals() {
    const text = await this.ledger.root.getByText('Last two hours:').textContent();
    const [counted, duplicate, late, dead, arrived, refused] = [
      ...(text ?? '').matchAll(/([\d,]+)\s+(?:counted|duplicate|late|dead|arrived|refused)/g),
    ].map(([, digits]) => parseNumber(digits ?? ''));
    return { counted, duplicate, late, dead, arrived, refused };
  }
}
