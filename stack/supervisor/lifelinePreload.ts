/**
 * Loaded before a supervised program (`node --import`): when the supervisor is gone, asks the program to stop as
 * Ctrl-C would, and ends it with everything it started when it does not.
 */
import { exitWithParent } from '@ebap/adapters/process';

const GRACE_MS = 10_000;

exitWithParent(process.env, {
  graceMs: GRACE_MS,
  stop: () => {
    process.kill(process.pid, 'SIGTERM');
    return new Promise<void>(() => {});
  },
  // Supervised programs lead a process group of their own.
  exit: () => process.kill(-process.pid, 'SIGKILL'),
});
