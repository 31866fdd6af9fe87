import { GRAIN_MS, GRAINS, type Grain } from '../../contracts/dimensions.ts';
import { PARTIAL_KINDS, type PartialGroup, type PartialKind } from '../../contracts/partial.ts';
import { encodeCell } from '../../hot/cell.ts';
import { hotKeys, windowExpiresAtMs } from '../../hot/layout.ts';
import type { HotWrite } from '../../ports/hotStore.ts';
import { requireSection, type Section } from '../../state/index.ts';
import { windowStartMs } from '../../time/windows.ts';
import { SourcePanes } from './sourcePanes.ts';
import { COLUMN, WindowTotals } from './windowTotals.ts';

const MINUTE_MS = 60_000;
const LEDGER_TTL_MS = 25 * 3_600_000;
const NOW_TTL_MS = 600_000;
/** The pane key of values that are not kept by time. */
const CURRENT = 0;
const KINDS = Object.keys(PARTIAL_KINDS) as readonly PartialKind[];

/** One workspace's windows over all source partitions. */
export class RollupWorkspace {
  readonly id: string;
  readonly #sources: number;
  /** Member and outcome keys by number, in order of first sight. */
  #names: string[] = [];
  #numbers = new Map<string, number>();
  #panes: Record<PartialKind, SourcePanes>;
  #totals: Record<Grain, WindowTotals>;
  /** Trailing users per member, and records per (minute, outcome): sums over sources. */
  #trailing = new Map<number, number>();
  #trailingDirty = new Set<number>();
  /** All of them are told anew every minute: they expire, also when nothing changes. */
  #toldMinute = 0;
  #ledger = new WindowTotalsByMinute();

  constructor(id: string, sources: number) {
    this.id = id;
    this.#sources = sources;
    this.#panes = mapKinds((kind) => new SourcePanes(PARTIAL_KINDS[kind].width, sources));
    this.#totals = mapGrains((grain) => new WindowTotals(GRAIN_MS[grain]));
  }

  #numberOf(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#names.length;
      this.#names.push(name);
      this.#numbers.set(name, number);
    }
    return number;
  }

  /** Takes in a group of absolute values from a source partition. */
  apply(source: number, group: PartialGroup): void {
    const { width } = PARTIAL_KINDS[group.kind];
    const pane = group.kind === 'trailing' ? CURRENT : group.startMs;
    group.members.forEach((name, i) => {
      const member = this.#numberOf(name);
      for (let c = 0; c < width; c++) {
        const difference = this.#panes[group.kind].put(pane, member, source, c, group.values[i * width + c] ?? 0);
        if (difference !== 0) this.#add(group.kind, group.startMs, member, c, difference);
      }
    });
  }

  #add(kind: PartialKind, startMs: number, member: number, column: number, difference: number): void {
    switch (kind) {
      case 'additive':
        for (const grain of GRAINS) this.#total(grain, startMs, member, column, difference);
        return;
      case 'active1m':
        this.#total('1m', startMs, member, COLUMN.activeUsers, difference);
        return;
      case 'active5m':
        this.#total('5m', startMs, member, COLUMN.activeUsers, difference);
        return;
      case 'active1h':
        this.#total('1h', startMs, member, COLUMN.activeUsers, difference);
        return;
      case 'carts':
        for (const grain of ['1m', '5m', '1h'] as const)
          this.#total(grain, startMs, member, COLUMN.cartsDue + column, difference);
        return;
      case 'trailing':
        this.#trailing.set(member, (this.#trailing.get(member) ?? 0) + difference);
        this.#trailingDirty.add(member);
        return;
      case 'ledger':
        this.#ledger.add(startMs, member, difference);
        return;
    }
  }

  #total(grain: Grain, startMs: number, member: number, column: number, difference: number): void {
    const totals = this.#totals[grain];
    totals.add(windowStartMs(startMs, totals.lengthMs), member, column, difference);
  }

  /** The hot store's fields that changed since the last call. */
  takeWrites(appendMs: number, ledgerSource: string): readonly HotWrite[] {
    const writes: HotWrite[] = [];
    for (const grain of GRAINS)
      this.#totals[grain].takeDirty((startMs, member, cell) => {
        const key = hotKeys.window(this.id, grain, startMs);
        writes.push({
          key,
          field: this.#names[member] ?? '',
          value: cellText(grain, cell),
          expiresAtMs: windowExpiresAtMs(grain, startMs),
        });
      });
    const minute = Math.floor(appendMs / MINUTE_MS);
    if (minute !== this.#toldMinute) for (const member of this.#trailing.keys()) this.#trailingDirty.add(member);
    this.#toldMinute = minute;
    for (const member of this.#trailingDirty)
      writes.push({
        key: hotKeys.now(this.id),
        field: this.#names[member] ?? '',
        value: String(this.#trailing.get(member) ?? 0),
        expiresAtMs: appendMs + NOW_TTL_MS,
      });
    this.#trailingDirty.clear();
    this.#ledger.takeDirty((minuteMs, outcome, count) => {
      const field = `${ledgerSource}/${this.#names[outcome] ?? ''}`;
      writes.push({
        key: hotKeys.ledger(this.id, minuteMs),
        field,
        value: String(count),
        expiresAtMs: minuteMs + LEDGER_TTL_MS,
      });
    });
    return writes;
  }

  markAllDirty(): void {
    for (const grain of GRAINS) this.#totals[grain].markAllDirty();
    for (const member of this.#trailing.keys()) this.#trailingDirty.add(member);
    this.#ledger.markAllDirty();
  }

  /** Forgets what is final: panes and windows behind the watermark, minutes of arrival behind all append clocks. */
  close(finalThroughMs: number, appendMs: number): void {
    this.#panes.additive.dropBefore(windowStartMs(finalThroughMs, GRAIN_MS['10s']));
    for (const [kind, grain] of [
      ['active1m', '1m'],
      ['active5m', '5m'],
      ['active1h', '1h'],
      ['carts', '1m'],
    ] as const)
      this.#panes[kind].dropBefore(windowStartMs(finalThroughMs, GRAIN_MS[grain]));
    for (const grain of GRAINS) this.#totals[grain].close(finalThroughMs);
    const minuteMs = windowStartMs(appendMs, MINUTE_MS);
    this.#panes.ledger.dropBefore(minuteMs);
    this.#ledger.dropBefore(minuteMs);
  }

  toSections(prefix: string): readonly Section[] {
    const head = { id: this.id, names: this.#names, trailing: [...this.#trailing], ledger: this.#ledger.toJSON() };
    return [
      { name: prefix, head, columns: [] },
      ...KINDS.map((kind) => this.#panes[kind].toSection(`${prefix}/${kind}`)),
      ...GRAINS.map((grain) => this.#totals[grain].toSection(`${prefix}/${grain}`)),
    ];
  }

  static fromSections(sections: ReadonlyMap<string, Section>, prefix: string, sources: number): RollupWorkspace {
    const head = requireSection(sections, prefix).head as {
      readonly id: string;
      readonly names: readonly string[];
      readonly trailing: readonly (readonly [number, number])[];
      readonly ledger: ReturnType<WindowTotalsByMinute['toJSON']>;
    };
    const workspace = new RollupWorkspace(head.id, sources);
    for (const name of head.names) workspace.#numberOf(name);
    workspace.#trailing = new Map(head.trailing);
    workspace.#ledger = WindowTotalsByMinute.fromJSON(head.ledger);
    workspace.#panes = mapKinds((kind) =>
      SourcePanes.fromSection(
        requireSection(sections, `${prefix}/${kind}`),
        PARTIAL_KINDS[kind].width,
        workspace.#sources,
      ),
    );
    workspace.#totals = mapGrains((grain) =>
      WindowTotals.fromSection(requireSection(sections, `${prefix}/${grain}`), GRAIN_MS[grain]),
    );
    return workspace;
  }
}

/** One count per minute and outcome. */
class WindowTotalsByMinute {
  #counts = new Map<number, Map<number, number>>();
  #dirty = new Map<number, Set<number>>();

  add(minuteMs: number, outcome: number, difference: number): void {
    const minute = this.#counts.get(minuteMs) ?? new Map<number, number>();
    this.#counts.set(minuteMs, minute.set(outcome, (minute.get(outcome) ?? 0) + difference));
    this.#dirty.set(minuteMs, (this.#dirty.get(minuteMs) ?? new Set()).add(outcome));
  }

  takeDirty(visit: (minuteMs: number, outcome: number, count: number) => void): void {
    for (const [minuteMs, outcomes] of this.#dirty)
      for (const outcome of outcomes) visit(minuteMs, outcome, this.#counts.get(minuteMs)?.get(outcome) ?? 0);
    this.#dirty.clear();
  }

  markAllDirty(): void {
    for (const [minuteMs, minute] of this.#counts) this.#dirty.set(minuteMs, new Set(minute.keys()));
  }

  dropBefore(minuteMs: number): void {
    for (const minute of this.#counts.keys()) if (minute < minuteMs) this.#counts.delete(minute);
  }

  toJSON(): readonly (readonly [number, readonly (readonly [number, number])[]])[] {
    return [...this.#counts].map(([minute, counts]) => [minute, [...counts]] as const);
  }

  static fromJSON(saved: ReturnType<WindowTotalsByMinute['toJSON']>): WindowTotalsByMinute {
    const totals = new WindowTotalsByMinute();
    totals.#counts = new Map(saved.map(([minute, counts]) => [minute, new Map(counts)]));
    return totals;
  }
}

function cellText(grain: Grain, cell: Float64Array): string {
  // Beyond this a sum is no longer exact; it is told as the largest one that is.
  const n = (column: number): number => Math.min(cell[column] as number, Number.MAX_SAFE_INTEGER);
  return encodeCell({
    view: n(COLUMN.view),
    cart: n(COLUMN.cart),
    purchase: n(COLUMN.purchase),
    login: n(COLUMN.login),
    sales: n(COLUMN.sales),
    activeUsers: grain === '10s' ? null : n(COLUMN.activeUsers),
    cartsDue: n(COLUMN.cartsDue),
    cartsAbandoned: n(COLUMN.cartsAbandoned),
  });
}

function mapKinds<T>(make: (kind: PartialKind) => T): Record<PartialKind, T> {
  return Object.fromEntries(KINDS.map((kind) => [kind, make(kind)])) as Record<PartialKind, T>;
}

function mapGrains<T>(make: (grain: Grain) => T): Record<Grain, T> {
  return Object.fromEntries(GRAINS.map((grain) => [grain, make(grain)])) as Record<Grain, T>;
}
