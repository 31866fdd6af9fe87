/**
 * A process that appends until the disk refuses, then once more, a little: `node filler.ts <dir>`, to be run under a
 * limit on file size. Prints the acknowledged appends and what each refusal said.
 */
import { isAppError } from '@ebap/pipeline/errors';
import { openEmbeddedEventLog } from '../../index.ts';

// Beyond the limit the system sends this signal, whose default ends the process; a full disk sends none.
process.on('SIGXFSZ', () => {});

const log = await openEmbeddedEventLog({ dir: process.argv[2] ?? '' });
await log.createTopic({ name: 't', partitions: 1, cleanup: 'delete', retentionMs: 86_400_000 });
const large = Array.from({ length: 100 }, () => ({ partition: 0, key: null, value: Buffer.alloc(3_000, 7) }));
let acknowledged = 0;
const refusals: { code: string; retryable: boolean }[] = [];
while (refusals.length < 3) {
  try {
    await log.append('t', large);
    acknowledged += 1;
  } catch (error) {
    refusals.push({
      code: isAppError(error) ? error.code : String(error),
      retryable: isAppError(error) && error.retryable,
    });
  }
}
const { end } = await log.offsets('t', 0);
await log.close();
process.stdout.write(`${JSON.stringify({ acknowledged, refusals, end })}\n`);
