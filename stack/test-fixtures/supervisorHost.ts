/** A supervisor with one service, to be killed by a test. */
import { join } from 'node:path';
import { Supervisor } from '../supervisor/index.ts';

const [journal = '', ...behaviours] = process.argv.slice(2);
const supervisor = new Supervisor({ output: () => {}, event: () => {} });
await supervisor.start({
  name: 'orphan',
  command: [
    process.execPath,
    '--import',
    join(import.meta.dirname, '../supervisor/lifelinePreload.ts'),
    join(import.meta.dirname, 'service.ts'),
    'orphan',
    journal,
    ...behaviours,
  ],
  cwd: import.meta.dirname,
  env: process.env,
  readyWithinMs: 10_000,
  stopWithinMs: 1_000,
});
console.log('ready');
