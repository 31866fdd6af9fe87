import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEventLog } from '../conformance/index.ts';
import { openEmbeddedEventLog } from '../index.ts';

describeEventLog('embedded (LMDB)', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'event-log-'));
  let log = await openEmbeddedEventLog({ dir });
  return {
    log,
    tooLargeBytes: 5 * 1024 * 1024,
    async reopen() {
      await log.close();
      log = await openEmbeddedEventLog({ dir });
      return log;
    },
    async dispose() {
      await log.close();
      await rm(dir, { recursive: true });
    },
  };
});
