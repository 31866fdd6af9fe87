import { ACTIONS } from '../../contracts/dimensions.ts';
import {
  type ActiveUsers,
  CartOutcomes,
  type CartSteps,
  memberCount,
  PaneSeries,
  platformMember,
  regionMember,
  regionPlatformMember,
  TOTAL,
  TrailingCounts,
  tierMember,
  UserCounts,
} from '../../operators/index.ts';
import { requireSection, type Section } from '../../state/index.ts';
import { windowStartMs } from '../../time/windows.ts';
import { OutcomeLedger } from './ledger.ts';

const PANE_MS = 10_000;
/** Columns of a 10 s pane: one per action, then sales. */
export const PANE_WIDTH = ACTIONS.length + 1;
const SALES = ACTIONS.length;
const CART = ACTIONS.indexOf('cart');
const PURCHASE = ACTIONS.indexOf('purchase');

/** A counted event, resolved: indexes of region, platform, tier, action; `salesUnits` in the workspace's currency. */
export interface CountedEvent {
  readonly slot: number;
  readonly timeMs: number;
  readonly action: number;
  readonly region: number;
  readonly platform: number;
  readonly tier: number;
  readonly salesUnits: number;
}

/** All windows of one workspace in one partition. Nothing in it is reachable from another workspace. */
export class WorkspaceState {
  readonly id: string;
  readonly utf8: Uint8Array;
  /** Number within the partition, for identities. */
  readonly number: number;
  readonly panes: PaneSeries;
  readonly users: UserCounts;
  readonly carts: CartOutcomes;
  readonly ledger: OutcomeLedger;

  constructor(
    id: string,
    number: number,
    parts: { panes: PaneSeries; users: UserCounts; carts: CartOutcomes; ledger: OutcomeLedger } = {
      panes: new PaneSeries(PANE_WIDTH, PANE_MS),
      users: new UserCounts(undefined, new TrailingCounts(number)),
      carts: new CartOutcomes(),
      ledger: new OutcomeLedger(),
    },
  ) {
    this.id = id;
    this.utf8 = new TextEncoder().encode(id);
    this.number = number;
    this.panes = parts.panes;
    this.users = parts.users;
    this.carts = parts.carts;
    this.ledger = parts.ledger;
  }

  /** False if the sum of the pane would no longer be exact. */
  canAdd(timeMs: number, salesUnits: number): boolean {
    if (salesUnits === 0) return true;
    const pane = this.panes.get(windowStartMs(timeMs, PANE_MS));
    return (pane?.get(TOTAL, SALES) ?? 0) + salesUnits <= Number.MAX_SAFE_INTEGER;
  }

  /** `people` and `steps` are the partition's. `slots` and `regions` size what is new. */
  count(event: CountedEvent, people: ActiveUsers, steps: CartSteps, slots: number, regions: number): void {
    const members = memberCount(regions);
    const { region, platform, tier, action, salesUnits } = event;
    const pane = this.panes.at(event.timeMs, members);
    pane.add(TOTAL, action, 1);
    pane.add(platformMember(platform), action, 1);
    pane.add(tierMember(tier), action, 1);
    pane.add(regionMember(region), action, 1);
    pane.add(regionPlatformMember(region, platform), action, 1);
    if (salesUnits > 0) {
      pane.add(TOTAL, SALES, salesUnits);
      pane.add(platformMember(platform), SALES, salesUnits);
      pane.add(tierMember(tier), SALES, salesUnits);
      pane.add(regionMember(region), SALES, salesUnits);
      pane.add(regionPlatformMember(region, platform), SALES, salesUnits);
    }
    people.add(this.users, event.slot, event.timeMs, event, slots, members);
    if (action === CART || action === PURCHASE)
      this.carts.add(
        steps,
        event.slot,
        { timeMs: event.timeMs, isPurchase: action === PURCHASE, region, platform, tier },
        members,
      );
  }

  close(watermarkMs: number): void {
    this.panes.close(watermarkMs);
    this.users.close(watermarkMs);
    this.carts.close(watermarkMs);
  }

  toSections(): readonly Section[] {
    const prefix = `workspace/${this.number}`;
    return [
      { name: prefix, head: { id: this.id, ledger: this.ledger.toJSON() }, columns: [] },
      this.panes.toSection(`${prefix}/panes`),
      ...this.users.toSections(`${prefix}/users`),
      this.carts.toSection(`${prefix}/carts`),
    ];
  }

  static fromSections(sections: ReadonlyMap<string, Section>, number: number): WorkspaceState {
    const prefix = `workspace/${number}`;
    const head = requireSection(sections, prefix).head as {
      readonly id: string;
      readonly ledger: ReturnType<OutcomeLedger['toJSON']>;
    };
    return new WorkspaceState(head.id, number, {
      panes: PaneSeries.fromSection(requireSection(sections, `${prefix}/panes`), PANE_WIDTH, PANE_MS),
      users: UserCounts.fromSections(sections, `${prefix}/users`),
      carts: CartOutcomes.fromSection(requireSection(sections, `${prefix}/carts`)),
      ledger: OutcomeLedger.fromJSON(head.ledger),
    });
  }
}
