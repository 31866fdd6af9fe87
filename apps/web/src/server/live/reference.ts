export interface RegionInfo {
  readonly code: string;
  readonly name: string;
  readonly lat: number;
  readonly lng: number;
}

/** Slowly changing facts that answers are dressed with. */
export interface ReferenceDirectory {
  regions(): Promise<readonly RegionInfo[]>;
  /** ISO 4217 code of the workspace's currency. */
  currency(workspaceId: string): Promise<string>;
}

const FRESH_MS = 10_000;

interface Held<T> {
  readonly loadedAtMs: number;
  readonly value: Promise<T>;
}

/** Asks the directory at most every 10 s, once for all who wait. A failed answer is not kept. */
export function cachedReference(directory: ReferenceDirectory, nowMs: () => number): ReferenceDirectory {
  const held = new Map<string, Held<unknown>>();
  const cached = <T>(name: string, load: () => Promise<T>): Promise<T> => {
    const known = held.get(name) as Held<T> | undefined; // a name always holds the same kind of value
    if (known !== undefined && nowMs() - known.loadedAtMs < FRESH_MS) return known.value;
    const value = load();
    held.set(name, { loadedAtMs: nowMs(), value });
    value.catch(() => held.delete(name));
    return value;
  };
  return {
    regions: () => cached('regions', () => directory.regions()),
    currency: (workspaceId) => cached(`currency/${workspaceId}`, () => directory.currency(workspaceId)),
  };
}
