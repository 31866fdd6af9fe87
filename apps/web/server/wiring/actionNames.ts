import type { Reference } from '@ebap/db';
import type { Action } from '@ebap/pipeline/contracts';
import { defaultEventNames, type EventNameTable } from '../ingest/segment/names.ts';

const REFRESH_MS = 10_000;

/**
 * The workspaces' own tables of event names, read every 10 s. While they can't be read the last ones stand; before the
 * first reading, Segment's own names do.
 */
export class ActionNames {
  readonly #reference: Reference;
  #byWorkspace: ReadonlyMap<string, ReadonlyMap<string, Action>> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(reference: Reference) {
    this.#reference = reference;
  }

  readonly table: EventNameTable = (workspaceId, name) => {
    if (this.#byWorkspace === null) return defaultEventNames(workspaceId, name);
    return this.#byWorkspace.get(workspaceId)?.get(fold(name)) ?? null;
  };

  /** Reads now, and again every 10 s. */
  async start(onFault: (error: unknown, where: string) => void): Promise<void> {
    const refresh = () => this.#refresh().catch((error: unknown) => onFault(error, 'action names'));
    await refresh();
    this.#timer = setInterval(() => void refresh(), REFRESH_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async #refresh(): Promise<void> {
    const byWorkspace = new Map<string, Map<string, Action>>();
    for (const { workspaceId, sourceName, action } of await this.#reference.actionMappings()) {
      const names = byWorkspace.get(workspaceId) ?? new Map<string, Action>();
      byWorkspace.set(workspaceId, names.set(fold(sourceName), action));
    }
    this.#byWorkspace = byWorkspace;
  }
}

function fold(name: string): string {
  return name.trim().toLowerCase();
}
