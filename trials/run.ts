/**
 * `npm run trials [-- --seeds 2000 --kills 50]`: simulated worlds in two processes, seeded defects, kill trials on real
 * processes. Results as JSON lines in trials/results/.
 */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '50' },
    rate: { type: 'string', default: '5000' },
  },
});

interface Outcome {
  readonly passed: boolean;
  readonly results: readonly string[];
}

/** Runs a trial, passes its output through, keeps its JSON lines. */
function runTrial(script: string, args: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    process.stdout.write(chunk);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) =>
      resolve({ passed: code === 0, results: text.split('\n').filter((line) => line.startsWith('{"trial"')) }),
    );
  });
}

const half = Math.ceil(Number(values.seeds) / 2);
const simulated = await Promise.all([
  runTrial('simulate.ts', ['--seeds', String(half), '--from', '1', '--mutants']),
  runTrial('simulate.ts', ['--seeds', String(Number(values.seeds) - half), '--from', String(half + 1)]),
]);
const killed =
  Number(values.kills) > 0
    ? [await runTrial('processes/killTrials.ts', ['--kills', values.kills, '--rate', values.rate])]
    : [];
const all = [...simulated, ...killed];
const folder = join(import.meta.dirname, 'results');
await mkdir(folder, { recursive: true });
await writeFile(
  join(folder, `${new Date().toISOString().replaceAll(':', '-')}.jsonl`),
  `${all.flatMap((o) => o.results).join('\n')}\n`,
);
const failed = all.filter((o) => !o.passed).length;
console.log(`trials: ${all.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
