import type { ChangeStream } from '@ebap/pipeline/ports';
import type { Job } from './leasedJob.ts';

/** Runs a change stream while this worker holds its lease; `running` tells the others where it is. */
export function changeStreamJob(name: string, open: () => ChangeStream, running: Map<string, ChangeStream>): Job {
  return {
    name: `cdc-${name}`,
    run: async (signal) => {
      const stream = open();
      running.set(name, stream);
      try {
        await stream.start();
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      } finally {
        running.delete(name);
        await stream.stop();
      }
    },
  };
}
