import type { StorageAdapter, StoredPayload } from 'oidc-provider/lib/provider.js';

interface Stored {
  payload: StoredPayload;
  readonly expiresAtMs: number;
}

const MAX_ENTRIES = 5_000;

/**
 * What the local identity provider remembers: sign-ins under way and its own sessions, in memory. Whoever was signed in
 * at the provider before a restart picks their person again; sessions of the product are elsewhere.
 */
export class MemoryStorage {
  readonly #stored = new Map<string, Stored>();

  /** The store of one kind of object, as oidc-provider wants it. */
  adapter(kind: string): StorageAdapter {
    const key = (id: string) => `${kind}:${id}`;
    const findBy = async (matches: (payload: StoredPayload) => boolean): Promise<StoredPayload | undefined> => {
      for (const [name, { payload }] of this.#stored)
        if (name.startsWith(`${kind}:`) && matches(payload)) return this.#find(name);
      return undefined;
    };
    return {
      upsert: async (id, payload, expiresInSeconds) => this.#put(key(id), payload, expiresInSeconds),
      find: async (id) => this.#find(key(id)),
      findByUid: (uid) => findBy((payload) => payload.uid === uid),
      findByUserCode: (userCode) => findBy((payload) => payload.userCode === userCode),
      consume: async (id) => {
        const stored = this.#stored.get(key(id));
        if (stored !== undefined) stored.payload = { ...stored.payload, consumed: Math.floor(Date.now() / 1_000) };
      },
      destroy: async (id) => {
        this.#stored.delete(key(id));
      },
      revokeByGrantId: async (grantId) => {
        for (const [name, { payload }] of this.#stored) if (payload.grantId === grantId) this.#stored.delete(name);
      },
    };
  }

  #put(name: string, payload: StoredPayload, expiresInSeconds: number): void {
    this.#stored.delete(name);
    this.#stored.set(name, { payload, expiresAtMs: Date.now() + expiresInSeconds * 1_000 });
    const oldest = this.#stored.keys().next();
    if (this.#stored.size > MAX_ENTRIES && !oldest.done) this.#stored.delete(oldest.value);
  }

  #find(name: string): StoredPayload | undefined {
    const stored = this.#stored.get(name);
    if (stored === undefined) return undefined;
    if (stored.expiresAtMs > Date.now()) return stored.payload;
    this.#stored.delete(name);
    return undefined;
  }
}
