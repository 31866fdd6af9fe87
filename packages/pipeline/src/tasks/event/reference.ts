import { currencyCode } from '../../contracts/rawEventDecode.ts';
import { ExchangeRates, RegionDirectory } from '../../operators/index.ts';
import type { Section } from '../../state/index.ts';
import { requireSection } from '../../state/index.ts';
import { type ChangeEnvelope, number, string } from './changeEnvelope.ts';

const utf8 = new TextEncoder();

/** What a task needs to know of a workspace. */
export interface WorkspaceInfo {
  readonly id: string;
  /** Code of its currency, see `currencyCode`. */
  readonly currency: number;
}

/** Reference data as the log tells it: regions, rates and workspaces. A change holds for all records after it. */
export class Reference {
  regions = new RegionDirectory();
  rates = new ExchangeRates();
  #workspaces = new Map<string, WorkspaceInfo>();

  workspace(id: string): WorkspaceInfo | undefined {
    return this.#workspaces.get(id);
  }

  apply(change: ChangeEnvelope): void {
    const row = change.op === 'd' ? change.before : change.after;
    if (row === null) return;
    const gone = change.op === 'd';
    switch (change.table) {
      case 'regions':
        if (gone) this.regions.remove(string(row, 'code'));
        else
          this.regions.put({
            code: string(row, 'code'),
            name: string(row, 'name'),
            lat: number(row, 'lat'),
            lng: number(row, 'lng'),
          });
        return;
      case 'rates': {
        const currency = codeOf(string(row, 'currency'));
        const validFromMs = number(row, 'valid_from');
        if (gone) this.rates.remove(currency, validFromMs);
        else this.rates.put(currency, validFromMs, String(row.rate));
        return;
      }
      case 'workspaces': {
        const id = string(row, 'id');
        if (gone) this.#workspaces.delete(id);
        else this.#workspaces.set(id, { id, currency: codeOf(string(row, 'currency')) });
        return;
      }
      default:
        return; // tables of other consumers share the topic
    }
  }

  toSection(): Section {
    return {
      name: 'reference',
      head: { regions: this.regions.toJSON(), rates: this.rates.toJSON(), workspaces: [...this.#workspaces.values()] },
      columns: [],
    };
  }

  static fromSections(sections: ReadonlyMap<string, Section>): Reference {
    const head = requireSection(sections, 'reference').head as {
      readonly regions: ReturnType<RegionDirectory['toJSON']>;
      readonly rates: ReturnType<ExchangeRates['toJSON']>;
      readonly workspaces: readonly WorkspaceInfo[];
    };
    const reference = new Reference();
    reference.regions = RegionDirectory.fromJSON(head.regions);
    reference.rates = ExchangeRates.fromJSON(head.rates);
    for (const w of head.workspaces) reference.#workspaces.set(w.id, w);
    return reference;
  }
}

function codeOf(currency: string): number {
  const bytes = utf8.encode(currency);
  return bytes.length === 3 ? currencyCode(bytes, 0) : -1;
}
