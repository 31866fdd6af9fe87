import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processIdentity } from '@ebap/adapters/process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileProbe, type ServiceSpec, Supervisor } from './index.ts';

const FIXTURES = join(import.meta.dirname, '../test-fixtures');
const PRELOAD = join(import.meta.dirname, 'lifelinePreload.ts');

let folder: string;
let journal: string;
let events: string[];
let output: string[];
let supervisor: Supervisor;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebap-supervisor-'));
  journal = join(folder, 'journal');
  events = [];
  output = [];
  supervisor = new Supervisor({
    output: (name, line) => output.push(`${name}: ${line}`),
    event: (name, message) => events.push(`${name}: ${message}`),
  });
});

afterEach(() => {
  supervisor.killAll();
  rmSync(folder, { recursive: true, force: true });
});

function service(name: string, ...behaviours: string[]): ServiceSpec {
  return {
    name,
    command: [process.execPath, '--import', PRELOAD, join(FIXTURES, 'service.ts'), name, journal, ...behaviours],
    cwd: folder,
    env: process.env,
    ready: fileProbe(`${journal}.${name}.ready`),
    readyWithinMs: 15_000,
    stopWithinMs: 5_000,
  };
}

function journalLines(): string[] {
  return existsSync(journal) ? readFileSync(journal, 'utf8').trim().split('\n') : [];
}

async function until(condition: () => boolean, withinMs = 15_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs} ms; journal: ${journalLines()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const isGone = (pid: number) => processIdentity(pid) === undefined;
const pidIn = (line: string | undefined) =>
  Number(/grandchild:(\d+)/.exec(line ?? '')?.[1] ?? /(\d+)$/.exec(line ?? '')?.[1]);

test('services stop in the reverse of the order they were started in', async () => {
  await supervisor.start(service('first', 'ready-file'));
  await supervisor.start(service('second', 'ready-file'));
  await supervisor.stopAll();
  const stops = journalLines().filter((line) => line.includes('stopped'));
  expect(stops.map((line) => line.split(' ')[0])).toEqual(['second', 'first']);
  expect(output).toContain('first: first says hello');
});

test('a service that is killed starts again', async () => {
  await supervisor.start(service('worker', 'ready-file'));
  const pid = supervisor.pids().get('worker') ?? 0;
  process.kill(pid, 'SIGKILL');
  await until(() => journalLines().filter((line) => line.includes('started')).length === 2);
  expect(events).toEqual(['worker: ended (signal SIGKILL); starts again in 0.5 s']);
  expect(supervisor.pids().get('worker')).not.toBe(pid);
});

test('a service that cannot start is told at once, with how it ended', async () => {
  await expect(supervisor.start(service('web', 'crash'))).rejects.toThrow(
    'The web could not start: exit code 3. Its lines above say why.',
  );
});

test('a program that does not exist is told as such', async () => {
  const spec: ServiceSpec = { ...service('web'), command: [join(folder, 'no-such-program')] };
  await expect(supervisor.start(spec)).rejects.toThrow('ENOENT');
});

test('a service that is not ready in time is a timeout', async () => {
  await expect(supervisor.start({ ...service('web'), readyWithinMs: 300 })).rejects.toThrow(
    'The web was not ready after 0.3 s.',
  );
});

test('a service that ignores the request to stop is killed, with what it started', async () => {
  await supervisor.start({ ...service('deaf', 'ready-file', 'deaf', 'grandchild'), stopWithinMs: 300 });
  await until(() => journalLines().some((line) => line.includes('grandchild')));
  const grandchild = pidIn(journalLines().find((line) => line.includes('grandchild')));
  await supervisor.stopAll();
  expect(events).toEqual(['deaf: did not stop in time and was killed']);
  await until(() => isGone(grandchild));
});

test('what a killed service itself had started goes with it', async () => {
  await supervisor.start(service('worker', 'ready-file', 'grandchild'));
  await until(() => journalLines().some((line) => line.includes('grandchild')));
  const grandchild = pidIn(journalLines().find((line) => line.includes('grandchild')));
  process.kill(supervisor.pids().get('worker') ?? 0, 'SIGKILL');
  await until(() => isGone(grandchild));
});

test.each([
  ['stops in order', []],
  ['is ended with what it started when it does not stop', ['deaf', 'grandchild']],
])('a service whose supervisor was killed %s', async (_, behaviours) => {
  const host = spawn(process.execPath, [join(FIXTURES, 'supervisorHost.ts'), journal, ...behaviours], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => host.stdout.once('data', resolve));
  await until(() => journalLines().length >= (behaviours.length === 0 ? 1 : 2));
  const pid = pidIn(journalLines()[0]);
  host.kill('SIGKILL');
  await until(() => isGone(pid));
  if (behaviours.length === 0) expect(journalLines().at(-1)).toBe(`orphan stopped ${pid}`);
  else await until(() => isGone(Number(/grandchild:(\d+)/.exec(journalLines().join('\n'))?.[1])));
});
