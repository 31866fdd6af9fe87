import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeHotStore } from '../conformance.ts';
import { openEmbeddedHotStore } from '../index.ts';

describeHotStore('embedded (LMDB)', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hot-store-'));
  const store = await openEmbeddedHotStore({ dir });
  const other = await openEmbeddedHotStore({ dir });
  return {
    store,
    other,
    changeDelayMs: 1_000,
    async dispose() {
      await store.close();
      await other.close();
      await rm(dir, { recursive: true });
    },
  };
});
