import { setTimeout as sleep } from 'node:timers/promises';
import { isAppError } from '@ebap/pipeline/errors';
import type { HotFlush, HotFlushResult, HotStore } from '@ebap/pipeline/ports';

const KEPT_MS = 3_600_000;
const AGAIN_AFTER_MS = 50;

/** One value of one workspace, as the first owner of `rollup/0`. */
export function flushOf(offset: number, value = `${offset}`, workspace = 'acme'): HotFlush {
  const key = `{${workspace}}:w`;
  return {
    fence: { scope: 'rollup/0', epoch: 1, offset },
    writes: [{ key, field: 'v', value, expiresAtMs: Date.now() + KEPT_MS }],
    changes: [{ topic: `windows/${workspace}`, keys: [key] }],
  };
}

/** As a writer does: the same flush again until it is answered. */
export async function flushed(store: HotStore, flush: HotFlush): Promise<HotFlushResult> {
  for (;;) {
    try {
      return await store.flush(flush);
    } catch (error) {
      if (!isAppError(error, 'unavailable')) throw error;
      await sleep(AGAIN_AFTER_MS);
    }
  }
}

/** Reads the value of {@link flushOf} on each change, again where that fails, as a reader does that has to show it. */
export async function followValue(store: HotStore, workspace = 'acme'): Promise<() => string | null> {
  let held: string | null = null;
  const read = async (): Promise<void> => {
    const rows = await store.readFields([`{${workspace}}:w`], ['v']).catch(() => null);
    if (rows === null) setTimeout(read, AGAIN_AFTER_MS).unref();
    else held = rows[0]?.[0] ?? null;
  };
  await store.subscribe(`windows/${workspace}`, () => void read());
  return () => held;
}
