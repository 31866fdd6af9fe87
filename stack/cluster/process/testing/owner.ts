/** `node owner.ts <folder> <script>`: runs an engine that is a shell script, prints its id, waits to be killed. */
import { join } from 'node:path';
import { EngineProcess } from '../engineProcess.ts';

const [dir = '', script = ''] = process.argv.slice(2);
const engine = new EngineProcess({
  program: '/bin/sh',
  args: ['-c', script],
  cwd: dir,
  env: { PATH: '/usr/bin:/bin' },
  logFile: join(dir, 'owned.log'),
});
console.log(engine.pid);
await engine.ended;
