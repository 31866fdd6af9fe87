import type { FoundFence, HotFence, HotFlushResult } from '@ebap/pipeline/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FenceMemory } from './fenceMemory.ts';
import type { PartResult } from './flushScript.ts';

/** Fences by tag as Redis holds them, and the answers of the script. */
class Fences {
  readonly held = new Map<string, { epoch: number; offset: number }>();

  apply(tag: string, { epoch, offset }: HotFence): PartResult {
    const found: FoundFence = this.held.get(tag) ?? null;
    if (found !== null && (found.epoch > epoch || (found.epoch === epoch && found.offset >= offset)))
      return { tag, status: 'fenced', found };
    this.held.set(tag, { epoch, offset });
    return { tag, status: 'applied', found };
  }
}

function handle(fences: Fences) {
  const memory = new FenceMemory();
  return (epoch: number, offset: number, ...tags: readonly string[]): HotFlushResult => {
    const fence = { scope: 's', epoch, offset };
    return memory.settle(
      fence,
      tags.map((tag) => fences.apply(tag, fence)),
    );
  };
}

const applied = (epoch: number, offset: number) => ({ status: 'applied', found: { epoch, offset } });

describe('one fence of many', () => {
  test('a tag that is written for the first time is no loss', () => {
    const flush = handle(new Fences());
    expect(flush(1, 1, 'a')).toEqual({ status: 'applied', found: null });
    expect(flush(1, 2, 'b')).toEqual(applied(1, 1));
    expect(flush(1, 3, 'a', 'b', 'c')).toEqual(applied(1, 2));
  });

  test('a tag that lost its fence is told, also among others that did not', () => {
    const fences = new Fences();
    const flush = handle(fences);
    flush(1, 1, 'a');
    flush(1, 2, 'b');
    fences.held.delete('a');
    expect(flush(1, 3, 'b')).toEqual(applied(1, 2));
    expect(flush(1, 4, 'a', 'b')).toEqual({ status: 'applied', found: null });
    expect(flush(1, 5, 'a', 'b')).toEqual(applied(1, 4));
  });

  test('a tag that went back to an older flush tells that one', () => {
    const fences = new Fences();
    const flush = handle(fences);
    for (const offset of [1, 2, 3]) flush(1, offset, 'a');
    fences.held.set('a', { epoch: 1, offset: 2 });
    expect(flush(1, 4, 'a')).toEqual(applied(1, 2));
  });

  test('a later owner elsewhere is what a stale writer is told', () => {
    const fences = new Fences();
    const [stale, owner] = [handle(fences), handle(fences)];
    stale(1, 7, 'a', 'b');
    expect(owner(2, 1, 'a')).toEqual(applied(1, 7));
    expect(stale(1, 8, 'a', 'b')).toEqual({ status: 'fenced', found: { epoch: 2, offset: 1 } });
  });

  test('a flush sent again, of which a part had got through, finds itself', () => {
    const fences = new Fences();
    const flush = handle(fences);
    flush(1, 1, 'a', 'b');
    fences.apply('a', { scope: 's', epoch: 1, offset: 2 });
    expect(flush(1, 2, 'a', 'b')).toEqual({ status: 'fenced', found: { epoch: 1, offset: 2 } });
    expect(fences.held.get('b')).toEqual({ epoch: 1, offset: 2 });
    expect(flush(1, 3, 'a', 'b')).toEqual(applied(1, 2));
  });

  test('tells the newest flush exactly when no touched tag lost anything, whatever is lost when', () => {
    const tag = fc.constantFrom('a', 'b', 'c');
    const step = fc.record({ tags: fc.uniqueArray(tag, { minLength: 1 }), lost: fc.uniqueArray(tag) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        const fences = new Fences();
        const flush = handle(fences);
        const damaged = new Set<string>();
        steps.forEach(({ tags, lost }, i) => {
          for (const one of lost) if (fences.held.delete(one)) damaged.add(one);
          const hasLoss = tags.some((one) => damaged.has(one));
          const newest = i === 0 ? null : { epoch: 1, offset: i };
          expect(flush(1, i + 1, ...tags)).toEqual({ status: 'applied', found: hasLoss ? null : newest });
          for (const one of tags) damaged.delete(one);
        });
      }),
    );
  });
});
