import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processIdentity } from '@ebap/adapters/process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeEnd, EngineProcess } from './engineProcess.ts';
import { lastLines } from './logFile.ts';
import { processTree } from './processTree.ts';

const OWNER = join(import.meta.dirname, 'testing/owner.ts');

let dir: string;
let logFile: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'engine-process-'));
  logFile = join(dir, 'engine.log');
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** An engine that is a shell script. */
function run(script: string): EngineProcess {
  return new EngineProcess({
    program: '/bin/sh',
    args: ['-c', script],
    cwd: dir,
    env: { PATH: '/usr/bin:/bin' },
    logFile,
  });
}

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error('It did not come to that.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('what it writes is in its log; the log of the start before is kept', async () => {
  await run('echo first').ended;
  await run('echo second; echo warning >&2').ended;
  expect(lastLines(logFile, 5)).toBe('second\nwarning');
  expect(lastLines(`${logFile}.previous`, 5)).toBe('first');
});

test('its end is told as exit code, signal, or why it could not be run', async () => {
  expect(describeEnd(await run('exit 3').ended)).toBe('exit code 3');
  expect(describeEnd(await run('kill -9 $$').ended)).toBe('signal SIGKILL');
  const missing = new EngineProcess({ program: join(dir, 'missing'), args: [], cwd: dir, env: {}, logFile });
  expect(describeEnd(await missing.ended)).toContain('ENOENT');
});

test('it is asked to end, and the log shows that it could', async () => {
  const engine = run('trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done');
  await until(() => lastLines(logFile, 1) === 'up');
  await engine.stop(30_000);
  expect(engine.pid).toBeUndefined();
  expect(lastLines(logFile, 1)).toBe('bye');
});

test('one that does not listen is ended with what it started', async () => {
  const engine = run('trap "" TERM; sleep 600 & echo up; while :; do sleep 0.05; done');
  await until(() => lastLines(logFile, 1) === 'up');
  const members = processTree(engine.pid ?? 0);
  expect(members.length).toBeGreaterThan(1);
  await engine.stop(100);
  await until(() => members.every((pid) => processIdentity(pid) === undefined));
});

test('a paused one is woken to end in order', async () => {
  const engine = run('trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done');
  await until(() => lastLines(logFile, 1) === 'up');
  engine.signal('SIGSTOP');
  await engine.stop(30_000);
  expect(lastLines(logFile, 1)).toBe('bye');
});

test.each([
  ['in order when it listens', 'trap "touch stopped; exit 0" TERM; while :; do sleep 0.05; done', true],
  ['all the same when it is deaf', 'trap "" TERM; while :; do sleep 0.05; done', false],
])('it ends with its owner, even by kill -9: %s', async (_, script, inOrder) => {
  const owner: ChildProcess = spawn(process.execPath, [OWNER, dir, script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  owner.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await until(() => text.endsWith('\n'));
  const pid = Number(text);
  expect(processIdentity(pid)).toBeDefined();
  // Time for the script to set its trap.
  await until(() => processTree(pid).length > 1);
  owner.kill('SIGKILL');
  await until(() => processIdentity(pid) === undefined);
  expect(existsSync(join(dir, 'stopped'))).toBe(inOrder);
  expect(readFileSync(join(dir, 'owned.log'), 'utf8')).toBe('');
});
