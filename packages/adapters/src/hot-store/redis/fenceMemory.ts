import type { FoundFence, HotFence, HotFlushResult } from '@ebap/pipeline/ports';
import type { PartResult } from './flushScript.ts';

interface ScopeMemory {
  readonly epoch: number;
  /** Offset of the scope's newest flush through this handle. */
  last: number;
  /** The same by hash tag: what the fence there must hold as long as nothing was lost. */
  readonly byTag: Map<string, number>;
}

/**
 * Makes one fence per scope of the fences per (scope, hash tag) that Redis holds.
 *
 * A writer numbers its flushes over all tags, so the fence at one tag is the newest flush that touched that tag, not
 * the writer's newest. What must be told is whether each touched tag still holds what this handle last wrote there:
 * if so the answer is the scope's newest flush, as a store with one fence would give; if not, the lowest fence found.
 *
 * Fencing by tag is as strong as fencing by scope: a stale writer only gets through at a tag where its successor has
 * written nothing, so there is nothing of the successor's that it could overwrite.
 */
export class FenceMemory {
  readonly #scopes = new Map<string, ScopeMemory>();

  /** The answer to a flush, from the answers of its parts. */
  settle(fence: HotFence, parts: readonly PartResult[]): HotFlushResult {
    const { epoch, offset } = fence;
    const isOwn = ({ status, found }: PartResult): boolean =>
      status === 'fenced' && found?.epoch === epoch && found.offset === offset;
    const refused = parts.find((part) => part.status === 'fenced' && !isOwn(part));
    if (refused !== undefined) return { status: 'fenced', found: refused.found };

    const known = this.#scopes.get(fence.scope);
    const memory = known?.epoch === epoch ? known : { epoch, last: Number.NEGATIVE_INFINITY, byTag: new Map() };
    const lastBefore = memory.last;
    const lost = parts.filter(({ tag, found }) => {
      const expected = memory.byTag.get(tag);
      return expected !== undefined && (found?.epoch !== epoch || found.offset !== expected);
    });
    for (const { tag } of parts) memory.byTag.set(tag, offset);
    memory.last = Math.max(memory.last, offset);
    this.#scopes.set(fence.scope, memory);

    // An earlier try of this very flush got through in part or whole, and what it found is not known.
    if (parts.some(isOwn)) return { status: 'fenced', found: { epoch, offset } };
    if (lost.length > 0) return { status: 'applied', found: lowest(lost) };
    if (lastBefore > Number.NEGATIVE_INFINITY) return { status: 'applied', found: { epoch, offset: lastBefore } };
    return { status: 'applied', found: lowest(parts) };
  }
}

function lowest(parts: readonly PartResult[]): FoundFence {
  return parts
    .map(({ found }) => found)
    .reduce((low, found) => {
      if (low === null || found === null) return null;
      return found.epoch < low.epoch || (found.epoch === low.epoch && found.offset < low.offset) ? found : low;
    });
}
