import type { DeadLetterReason } from '@ebap/pipeline/contracts';

/** Where a dead letter stands on its topic, and what lists need of it. */
export interface LetterPlace {
  readonly id: string;
  readonly reason: DeadLetterReason;
  readonly firstSeenMs: number;
  readonly partition: number;
  readonly offset: number;
}

/**
 * The places of the newest dead letters of each workspace. Each workspace has a number of its own, so that one that
 * fills its list pushes nothing out of another's.
 */
export class LetterPlaces {
  readonly #keptPerWorkspace: number;
  /** By workspace, then by letter in order of reading. */
  readonly #workspaces = new Map<string, Map<string, LetterPlace>>();

  constructor(keptPerWorkspace: number) {
    this.#keptPerWorkspace = keptPerWorkspace;
  }

  /** Takes a place in; of two of one letter the later counts. Returns whether the letter is new. */
  add(workspaceId: string, place: LetterPlace): boolean {
    const letters = this.#workspaces.get(workspaceId) ?? new Map<string, LetterPlace>();
    this.#workspaces.set(workspaceId, letters);
    const isNew = !letters.has(place.id);
    letters.set(place.id, place);
    const oldest = letters.keys().next();
    if (letters.size > this.#keptPerWorkspace && !oldest.done) letters.delete(oldest.value);
    return isNew;
  }

  of(workspaceId: string): readonly LetterPlace[] {
    return [...(this.#workspaces.get(workspaceId)?.values() ?? [])];
  }

  get(workspaceId: string, id: string): LetterPlace | null {
    return this.#workspaces.get(workspaceId)?.get(id) ?? null;
  }
}
