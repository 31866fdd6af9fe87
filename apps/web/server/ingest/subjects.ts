import { eventKey, partitionFor } from '@ebap/pipeline/contracts';
import type { SubjectKey, SubjectKeyring } from './ports.ts';
import { pseudonymOf } from './sealing.ts';

/** Everything about a person that is the same for all their events. */
export interface Subject {
  /** Key of the record on the log. */
  readonly keyBytes: Uint8Array;
  readonly partition: number;
  /** Null once the person was erased. */
  readonly pseudonym: string | null;
  readonly key: SubjectKey | null;
  readonly freshUntilMs: number;
}

export interface SubjectDirectoryOptions {
  readonly keyring: SubjectKeyring;
  readonly partitions: number;
  readonly nowMs: () => number;
  /** Most people kept over all workspaces. */
  readonly capacity?: number;
  /** How long a key may be used without asking whether it still exists: an erasure acts within this. */
  readonly ttlMs?: number;
}

const DEFAULT_CAPACITY = 200_000;
const DEFAULT_TTL_MS = 45_000;
/** New people of one round trip: making a key costs time that others wait for. */
const LOADED_AT_ONCE = 2_000;
const utf8 = new TextEncoder();

/** Keys and pseudonyms of the people whose events arrive, read together and kept for a while. */
export class SubjectDirectory {
  readonly #options: Required<SubjectDirectoryOptions>;
  /** In order of last load: the oldest fall out first. */
  readonly #known = new Map<string, Subject>();

  constructor(options: SubjectDirectoryOptions) {
    this.#options = { capacity: DEFAULT_CAPACITY, ttlMs: DEFAULT_TTL_MS, ...options };
  }

  /** One subject per user id, in a map. @throws AppError `unavailable`. */
  async resolve(workspaceId: string, userIds: Iterable<string>): Promise<ReadonlyMap<string, Subject>> {
    const nowMs = this.#options.nowMs();
    const found = new Map<string, Subject>();
    const missing: string[] = [];
    for (const userId of userIds) {
      if (found.has(userId)) continue;
      const subject = this.#known.get(eventKey(workspaceId, userId));
      if (subject !== undefined && subject.freshUntilMs > nowMs) found.set(userId, subject);
      else missing.push(userId);
    }
    const distinct = [...new Set(missing)];
    for (let from = 0; from < distinct.length; from += LOADED_AT_ONCE)
      await this.#load(workspaceId, distinct.slice(from, from + LOADED_AT_ONCE), found);
    return found;
  }

  async #load(workspaceId: string, userIds: readonly string[], into: Map<string, Subject>): Promise<void> {
    const { keyring, ttlMs, nowMs } = this.#options;
    const keys = await keyring.keysFor(workspaceId, userIds);
    const freshUntilMs = nowMs() + ttlMs;
    for (const userId of userIds) {
      const name = eventKey(workspaceId, userId);
      const subject = this.#subject(userId, name, keys.get(userId) ?? null, freshUntilMs);
      this.#known.delete(name);
      this.#known.set(name, subject);
      into.set(userId, subject);
    }
    this.#trim();
  }

  #subject(userId: string, name: string, key: SubjectKey | null, freshUntilMs: number): Subject {
    const before = this.#known.get(name);
    const keyBytes = before?.keyBytes ?? utf8.encode(name);
    const isSameKey = key !== null && before?.key?.keyId === key.keyId;
    return {
      keyBytes,
      partition: before?.partition ?? partitionFor(keyBytes, this.#options.partitions),
      pseudonym: isSameKey ? before.pseudonym : key === null ? null : pseudonymOf(userId, key.dataKey),
      key,
      freshUntilMs,
    };
  }

  #trim(): void {
    const over = this.#known.size - this.#options.capacity;
    if (over <= 0) return;
    let left = over;
    for (const name of this.#known.keys()) {
      if (left-- <= 0) return;
      this.#known.delete(name);
    }
  }
}
