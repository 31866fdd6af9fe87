import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flushOf, type Made, write } from './storeUnderTest.ts';

/** A stale writer never wins. */
export function describeFence(made: Made): void {
  test('tells the fence it found', async () => {
    const { store, other, id } = made();
    expect(await store.flush(flushOf(id, 5, []))).toEqual({ status: 'applied', found: null });
    expect(await other.flush(flushOf(id, 6, []))).toEqual({ status: 'applied', found: { epoch: 1, offset: 5 } });
  });

  test.each([
    ['the same offset', 1, 5],
    ['a lower offset', 1, 4],
    ['a lower epoch, however high the offset', 0, 99],
  ])('%s is refused and changes nothing', async (_, epoch, offset) => {
    const { store, id } = made();
    await store.flush(flushOf(id, 5, [write(id, 'a', 'kept')], [{ topic: id, keys: [id] }]));
    const sequence = await store.sequence(id);
    const refused = {
      fence: { scope: id, epoch, offset },
      writes: [write(id, 'a', 'stale')],
      changes: [{ topic: id, keys: [id] }],
    };
    expect(await store.flush(refused)).toEqual({ status: 'fenced', found: { epoch: 1, offset: 5 } });
    expect(Object.fromEntries(await store.readHash(id))).toEqual({ a: 'kept' });
    expect(await store.sequence(id)).toBe(sequence);
  });

  test('a later epoch wins with any offset', async () => {
    const { store, id } = made();
    await store.flush(flushOf(id, 500, [write(id, 'a', 'old')]));
    const later = { fence: { scope: id, epoch: 2, offset: 3 }, writes: [write(id, 'a', 'new')], changes: [] };
    expect(await store.flush(later)).toEqual({ status: 'applied', found: { epoch: 1, offset: 500 } });
    expect(Object.fromEntries(await store.readHash(id))).toEqual({ a: 'new' });
  });

  test('scopes do not touch each other', async () => {
    const { store, id } = made();
    await store.flush(flushOf(`${id}/0`, 9, []));
    expect(await store.flush(flushOf(`${id}/1`, 1, []))).toEqual({ status: 'applied', found: null });
  });

  test('a writer that goes from workspace to workspace finds its own last flush each time', async () => {
    const { store, id } = made();
    const to = (offset: number, ...workspaces: readonly string[]) =>
      store.flush(
        flushOf(
          id,
          offset,
          workspaces.map((workspace) => write(`{${id}-${workspace}}:k`, 'v', `${offset}`)),
        ),
      );
    expect(await to(1, 'acme')).toEqual({ status: 'applied', found: null });
    expect(await to(2, 'globex')).toEqual({ status: 'applied', found: { epoch: 1, offset: 1 } });
    expect(await to(3, 'acme')).toEqual({ status: 'applied', found: { epoch: 1, offset: 2 } });
    expect(await to(4, 'globex', 'acme', 'initech')).toEqual({ status: 'applied', found: { epoch: 1, offset: 3 } });
    expect(await to(4, 'globex')).toEqual({ status: 'fenced', found: { epoch: 1, offset: 4 } });
  });

  test('a stale writer is refused where its successor has written', async () => {
    const { store, other, id } = made();
    const [acme, globex] = [`{${id}-acme}:k`, `{${id}-globex}:k`];
    const by = (epoch: number, offset: number, ...keys: readonly string[]) => ({
      fence: { scope: id, epoch, offset },
      writes: keys.map((key) => write(key, 'v', `${epoch}`)),
      changes: [],
    });
    await store.flush(by(1, 1, acme, globex));
    await other.flush(by(2, 1, acme, globex));
    for (const keys of [[acme], [globex], [acme, globex]]) {
      const refused = await store.flush(by(1, 2, ...keys));
      expect(refused).toEqual({ status: 'fenced', found: { epoch: 2, offset: 1 } });
    }
    expect(await other.readFields([acme, globex], ['v'])).toEqual([['2'], ['2']]);
  });

  test('a stale writer never wins, however the flushes of several writers interleave', async () => {
    const { store, other } = made();
    const attempt = fc.record({
      epoch: fc.integer({ min: 1, max: 4 }),
      offset: fc.integer({ min: 0, max: 6 }),
      byOther: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 25 }), fc.boolean(), async (attempts, atOnce) => {
        const scope = randomUUID();
        const send = async ({ epoch, offset, byOther }: (typeof attempts)[number]) => {
          const writes = [write(scope, 'writer', `${epoch}:${offset}`)];
          const result = await (byOther ? other : store).flush({
            fence: { scope, epoch, offset },
            writes,
            changes: [],
          });
          return { rank: epoch * 1_000 + offset, result };
        };
        const answers = [];
        if (atOnce) answers.push(...(await Promise.all(attempts.map(send))));
        else for (const one of attempts) answers.push(await send(one));
        for (const { rank, result } of answers) {
          const foundRank = result.found === null ? -1 : result.found.epoch * 1_000 + result.found.offset;
          expect(result.status).toBe(rank > foundRank ? 'applied' : 'fenced');
        }
        const highest = Math.max(...answers.map(({ rank }) => rank));
        const [[holder] = []] = await store.readFields([scope], ['writer']);
        expect(holder).toBe(`${Math.floor(highest / 1_000)}:${highest % 1_000}`);
        const applied = answers.filter(({ result }) => result.status === 'applied').map(({ rank }) => rank);
        expect(new Set(applied).size).toBe(applied.length);
      }),
      { numRuns: 60 },
    );
  });
}
