import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeHotStore } from '../conformance/index.ts';
import { openEmbeddedHotStore } from '../index.ts';

describeHotStore('embedded (LMDB)', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hot-store-'));
  let timeMs = Date.now();
  const nowMs = () => timeMs;
  const store = await openEmbeddedHotStore({ dir, nowMs });
  const other = await openEmbeddedHotStore({ dir, nowMs });
  return {
    store,
    other,
    nowMs,
    async pass(ms) {
      timeMs += ms;
    },
    async dispose() {
      await store.close();
      await other.close();
      await rm(dir, { recursive: true });
    },
  };
});
