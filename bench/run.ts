/**
 * `npm run bench [-- --only pipeline,ingest]`: every benchmark in a process of its own, one after the other, the machine's
 * own figures beside. Prints a table, keeps the JSON lines in bench/results/.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printTable, saveResults } from './report.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, seconds: { type: 'string', default: '600' } } });

const BENCHES: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['baseline', []],
  ['event-log', []],
  ['hot-store', []],
  ['cdc', []],
  // As the supervisor runs the worker.
  ['pipeline', ['--max-semi-space-size=64']],
  ['ingest', []],
  ['sockets', []],
  ['endToEnd', []],
];

function runBench(name: string, nodeArgs: readonly string[], args: readonly string[]): Promise<readonly string[]> {
  const child = spawn(process.execPath, [...nodeArgs, join(import.meta.dirname, `${name}.bench.ts`), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on('error', () => resolve([]));
    child.on('exit', () => resolve(text.split('\n').filter((line) => line.startsWith('{'))));
  });
}

const wanted = values.only?.split(',');
const lines: string[] = [];
let failed = 0;
for (const [name, nodeArgs] of BENCHES) {
  if (wanted !== undefined && !wanted.includes(name)) continue;
  const found = await runBench(name, nodeArgs, name === 'endToEnd' ? ['--seconds', values.seconds] : []);
  if (found.length === 0) {
    failed++;
    console.log(`\n${name}: no result`);
  }
  for (const line of found) {
    lines.push(line);
    printTable(name, JSON.parse(line));
  }
}
await saveResults(lines);
process.exitCode = failed === 0 ? 0 : 1;
