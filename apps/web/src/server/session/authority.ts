import type { FoundSession, Sessions } from '@ebap/db';
import { type PrincipalOutcome, principalIn, type SessionAuthority } from './principal.ts';

/** How long a session lives: idle, and in all. */
export const SESSION_LIMITS = { idleMs: 8 * 3_600_000, absoluteMs: 24 * 3_600_000 } as const;

/** An answer may be this old: revocation and role changes act within it, on HTTP and on sockets (≤ 10 s together). */
export const FRESH_MS = 4_000;
const CAPACITY = 20_000;

interface Cached {
  readonly loadedAtMs: number;
  readonly found: Promise<FoundSession>;
}

/** Sessions of the relational store, asked once per few seconds and session however often they are used. */
export class StoredSessionAuthority implements SessionAuthority {
  readonly #sessions: Sessions;
  readonly #nowMs: () => number;
  readonly #cached = new Map<string, Cached>();

  constructor(sessions: Sessions, nowMs: () => number) {
    this.#sessions = sessions;
    this.#nowMs = nowMs;
  }

  async resolve(token: string | null, workspaceId: string | null): Promise<PrincipalOutcome> {
    if (token === null) return { kind: 'signed_out', reason: 'missing' };
    const found = await this.#find(token);
    if (found.kind === 'signed_out') return found;
    const { sessionId, person, memberships, idpGroups } = found;
    const principal = principalIn(sessionId, person, memberships, workspaceId);
    return principal === null ? { kind: 'no_role', person, groups: idpGroups } : { kind: 'principal', principal };
  }

  async preload(tokens: readonly string[]): Promise<void> {
    const nowMs = this.#nowMs();
    const stale = [...new Set(tokens)].filter((token) => !this.#isFresh(token, nowMs));
    if (stale.length === 0) return;
    const all = this.#sessions.findMany(stale);
    for (const [i, token] of stale.entries())
      void this.#hold(
        token,
        nowMs,
        all.then((found) => found[i] ?? { kind: 'signed_out', reason: 'missing' }),
      );
    await all;
  }

  /** Moves the idle limit on: a person did something. A failure is not worth failing their request. */
  used(sessionId: string): void {
    this.#sessions.touch(sessionId, SESSION_LIMITS.idleMs).catch(() => undefined);
  }

  /** Forgets what is known of a session that was ended in this process. */
  forget(token: string): void {
    this.#cached.delete(token);
  }

  #isFresh(token: string, nowMs: number): boolean {
    const known = this.#cached.get(token);
    return known !== undefined && nowMs - known.loadedAtMs < FRESH_MS;
  }

  #find(token: string): Promise<FoundSession> {
    const nowMs = this.#nowMs();
    const known = this.#cached.get(token);
    if (known !== undefined && this.#isFresh(token, nowMs)) return known.found;
    return this.#hold(token, nowMs, this.#sessions.find(token));
  }

  #hold(token: string, loadedAtMs: number, found: Promise<FoundSession>): Promise<FoundSession> {
    this.#cached.delete(token);
    this.#cached.set(token, { loadedAtMs, found });
    found.catch(() => this.#cached.delete(token));
    const oldest = this.#cached.keys().next();
    if (this.#cached.size > CAPACITY && !oldest.done) this.#cached.delete(oldest.value);
    return found;
  }
}
