import { describe, expect, it } from 'vitest';
import { HttpProblem } from '../http/problem.ts';
import { InFlightBytes } from './inFlightBytes.ts';

const codeOf = (work: () => void): string => {
  try {
    work();
    return 'fine';
  } catch (error) {
    return error instanceof HttpProblem ? error.code : 'other';
  }
};

describe('the bytes in flight', () => {
  it('are those that arrived, and are given back with the answer', async () => {
    const inFlight = new InFlightBytes({ totalBytes: 100, anonymousBytes: 40 });
    await inFlight.ofWorkspace('acme', async (lease) => {
      expect([inFlight.bytes, inFlight.requests]).toEqual([0, 1]);
      lease.grow(30);
      expect(inFlight.bytes).toBe(30);
    });
    await expect(
      inFlight.ofWorkspace('acme', async (lease) => {
        lease.grow(30);
        throw new Error('x');
      }),
    ).rejects.toThrow('x');
    expect([inFlight.bytes, inFlight.requests]).toEqual([0, 0]);
  });

  it('of one workspace are at most half, so that others go on', async () => {
    const inFlight = new InFlightBytes({ totalBytes: 100, anonymousBytes: 40 });
    await inFlight.ofWorkspace('acme', (mine) =>
      inFlight.ofWorkspace('acme', async (mineToo) => {
        mine.grow(30);
        expect(codeOf(() => mineToo.grow(21))).toBe('overloaded');
        await inFlight.ofWorkspace('globex', async (theirs) => theirs.grow(50));
        mineToo.grow(20);
      }),
    );
  });

  it('of all workspaces are bounded together', async () => {
    const inFlight = new InFlightBytes({ totalBytes: 100, anonymousBytes: 40 });
    await inFlight.ofWorkspace('a', (a) =>
      inFlight.ofWorkspace('b', (b) =>
        inFlight.ofWorkspace('c', async (c) => {
          a.grow(50);
          b.grow(40);
          expect(codeOf(() => c.grow(11))).toBe('overloaded');
          c.grow(10);
        }),
      ),
    );
  });

  it('without a key take nothing from those with one, and one address at most a quarter', async () => {
    const inFlight = new InFlightBytes({ totalBytes: 100, anonymousBytes: 40 });
    await inFlight.ofAddress('10.0.0.1', (stranger) =>
      inFlight.ofAddress('10.0.0.2', async (other) => {
        stranger.grow(10);
        expect(codeOf(() => stranger.grow(1))).toBe('overloaded');
        other.grow(10);
        await inFlight.ofWorkspace('acme', async (lease) => lease.grow(50));
      }),
    );
  });

  it('become the workspace’s once the key is shown', async () => {
    const inFlight = new InFlightBytes({ totalBytes: 20, anonymousBytes: 40 });
    await inFlight.ofAddress('10.0.0.1', async (first) => {
      first.grow(8);
      first.assign('acme');
      await inFlight.ofAddress('10.0.0.1', async (second) => {
        second.grow(8);
        expect(codeOf(() => second.assign('acme'))).toBe('overloaded');
        second.assign('globex');
      });
      expect(inFlight.bytes).toBe(8);
    });
    expect(inFlight.bytes).toBe(0);
  });
});
