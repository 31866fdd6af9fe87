import type { RawEventView } from '../../contracts/rawEventDecode.ts';
import type { Section } from '../../state/index.ts';
import { WorkspaceState } from './workspaceState.ts';

const text = new TextDecoder('utf-8', { ignoreBOM: true });

/** The workspaces that a partition has seen. Most records are of the same one as the record before. */
export class Workspaces {
  readonly #states = new Map<string, WorkspaceState>();
  #last: WorkspaceState | null = null;

  /** The state of the workspace that the event names; null unless `exists` knows it. */
  ofEvent(view: RawEventView, exists: (id: string) => boolean): WorkspaceState | null {
    const last = this.#last;
    if (last !== null && sameText(last.utf8, view.bytes, view.workspaceStart, view.workspaceEnd)) return last;
    const id = text.decode(view.bytes.subarray(view.workspaceStart, view.workspaceEnd));
    if (!exists(id)) return null;
    this.#last = this.of(id);
    return this.#last;
  }

  /** The state under that id, a new one if there is none. */
  of(id: string): WorkspaceState {
    let state = this.#states.get(id);
    if (state === undefined) {
      state = new WorkspaceState(id, this.#states.size);
      this.#states.set(id, state);
    }
    return state;
  }

  /** To be called when workspaces may have come or gone. */
  lookAgain(): void {
    this.#last = null;
  }

  /** By their number. */
  get all(): readonly WorkspaceState[] {
    return [...this.#states.values()];
  }

  close(watermarkMs: number): void {
    for (const state of this.#states.values()) state.close(watermarkMs);
  }

  toSections(): readonly Section[] {
    return this.all.flatMap((state) => [...state.toSections()]);
  }

  static fromSections(sections: ReadonlyMap<string, Section>, count: number): Workspaces {
    const workspaces = new Workspaces();
    for (let n = 0; n < count; n++) {
      const state = WorkspaceState.fromSections(sections, n);
      workspaces.#states.set(state.id, state);
    }
    return workspaces;
  }
}

function sameText(expected: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (expected.length !== end - start) return false;
  for (let k = 0; k < expected.length; k++) if (expected[k] !== bytes[start + k]) return false;
  return true;
}
