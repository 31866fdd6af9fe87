/**
 * A process that flushes until it is done or killed: `node writer.ts <dir> <epoch> <flushes> <pause ms>`.
 * Flush n sets the field `n` of five hashes to `<epoch>:<n>`. Prints n once it was applied, `fenced` when
 * it was refused (and ends).
 */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEmbeddedHotStore } from '../../index.ts';

const [dir = '', epoch = '1', flushes = '0', pauseMs = '0'] = process.argv.slice(2);
const store = await openEmbeddedHotStore({ dir });
for (let n = 1; n <= Number(flushes); n += 1) {
  const keys = ['k0', 'k1', 'k2', 'k3', 'k4'];
  const result = await store.flush({
    fence: { scope: 'task/0', epoch: Number(epoch), offset: n },
    writes: keys.map((key) => ({ key, field: 'n', value: `${epoch}:${n}`, expiresAtMs: Date.now() + 3_600_000 })),
    changes: [{ topic: 'windows', keys }],
  });
  writeSync(1, `${result.status === 'applied' ? n : 'fenced'}\n`);
  if (result.status === 'fenced') break;
  if (Number(pauseMs) > 0) await sleep(Number(pauseMs));
}
await store.close();
