/**
 * `node stack/bootstrap.mjs <script.ts> [arguments]`: runs one of the platform's scripts on the pinned Node.
 * Plain JavaScript without dependencies, for any Node from 20 on: it has to work in a fresh clone.
 * Steps: install what the lock file names, find the pinned Node, generate the database client, run the script.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateIfChanged } from './bootstrap/generate.mjs';
import { installIfChanged } from './bootstrap/install.mjs';
import { findPinnedNode } from './bootstrap/pinnedNode.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const PARENT_POLL_MS = 1_000;

/**
 * Runs the script and lives as long as it does. The script gets a pipe whose closing tells it that this process
 * is gone, so that not even `kill -9` leaves anything behind.
 */
function run(node, script, args) {
  const child = spawn(node, [script, ...args], {
    cwd: ROOT,
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: {
      ...process.env,
      PATH: `${dirname(node)}:${process.env.PATH ?? ''}`,
      EBAP_LIFELINE_FD: '3',
    },
  });
  // A terminal's Ctrl-C reaches the script by itself; the others are sent to this process alone.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  stopWithNpm(child);
  child.on('error', (error) => fail(`Could not run ${node}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)));
}

/** npm signals only the shell between it and us; that shell's end is what we can see. */
function stopWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, PARENT_POLL_MS);
  timer.unref();
}

function fail(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}

const [script, ...args] = process.argv.slice(2);
if (script === undefined) fail('Usage: node stack/bootstrap.mjs <script.ts> [arguments]');
try {
  installIfChanged(ROOT);
  const node = findPinnedNode(ROOT);
  generateIfChanged(ROOT, node);
  if (!existsSync(join(ROOT, script))) fail(`${script} is not part of this version of the platform.`);
  run(node, script, args);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
