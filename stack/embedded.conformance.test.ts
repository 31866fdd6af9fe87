import { type ChildProcess, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { processIdentity } from '@ebap/adapters/process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from './start/checks.ts';
import { hashInputs } from './start/webBuild.ts';

const REPOSITORY = dirname(import.meta.dirname);
const APPS = ['apps/stream-worker/src', 'apps/web/server', 'apps/simulator/src'];

let root: string;
let dataDir: string;
let env: NodeJS.ProcessEnv;

/** A checkout whose apps are stand-ins, with everything else as it is. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ebap-start-'));
  dataDir = join(root, 'data');
  for (const name of ['node_modules', 'package.json', 'stack']) symlinkSync(join(REPOSITORY, name), join(root, name));
  for (const app of APPS) {
    mkdirSync(join(root, app), { recursive: true });
    copyFileSync(join(REPOSITORY, 'stack/test-fixtures/fakeApp.ts'), join(root, app, 'main.ts'));
  }
  mkdirSync(join(root, 'apps/web/.next'), { recursive: true });
  writeFileSync(join(root, 'apps/web/.next/BUILD_ID'), 'x');
  writeFileSync(join(root, 'apps/web/.next/inputs.sha256'), hashInputs(root));
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    EBAP_DATA_DIR: dataDir,
    EBAP_PORT: String(ports[0]),
    EBAP_INTERNAL_PORT: String(ports[1]),
    EBAP_WORKER_INTERNAL_PORT: String(ports[2]),
  };
});

afterAll(() => {
  // As root the database lies outside the data folder, which names the place.
  const note = join(dataDir, 'postgres/location.json');
  const home = existsSync(note) ? String(JSON.parse(readFileSync(note, 'utf8')).home) : root;
  for (const folder of [root, home]) rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly output: () => string;
}

function start(extra: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, [join(REPOSITORY, 'stack/test-fixtures/startIn.ts'), root], {
    cwd: root,
    env: { ...env, ...extra },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return { child, ended: new Promise((resolve) => child.once('exit', resolve)), output: () => output };
}

async function until(condition: () => boolean, describe: () => string, withinMs = 40_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadlineMs || describe().includes('✘'))
      throw new Error(`not within ${withinMs} ms:\n${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function running(extra: NodeJS.ProcessEnv = {}): Promise<Started> {
  const started = start(extra);
  await until(() => started.output().includes('Ctrl-C'), started.output);
  return started;
}

const journal = () => readFileSync(join(dataDir, 'journal'), 'utf8').trim().split('\n');

function servicePids(): number[] {
  const services: Record<string, { pid: number }> = JSON.parse(
    readFileSync(join(dataDir, 'run/services.json'), 'utf8'),
  );
  return Object.values(services).map(({ pid }) => pid);
}

test('starts everything, tells each part the secrets it needs, and stops in order on Ctrl-C', async () => {
  const { child, ended, output } = await running();
  expect(output()).toContain(`http://localhost:${env.EBAP_PORT}`);
  expect(output()).toMatch(/web +up port=\d+/);
  expect(output()).toContain('Customer Support');
  await until(() => journal().length === 3, output);
  expect(journal().toSorted()).toEqual([
    'simulator started with databaseUrl,demoApiKey,demoApiKeyAcme true',
    'stream-worker started with databaseUrl,keyEncryptionKey true',
    'web started with databaseUrl,sessionSecret,keyEncryptionKey,demoApiKey,demoApiKeyAcme true',
  ]);
  const pids = servicePids();
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(journal().slice(3)).toEqual(['simulator stopped', 'web stopped', 'stream-worker stopped']);
  expect(pids.map(processIdentity)).toEqual([undefined, undefined, undefined, undefined]);
  expect(existsSync(join(dataDir, 'lock'))).toBe(false);
});

test('a second start is told who runs where', async () => {
  const first = await running();
  const second = start();
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(
    `already running here: process ${first.child.pid}, http://localhost:${env.EBAP_PORT}`,
  );
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
});

test('after kill -9 nothing stays behind, and the next start goes on from it', async () => {
  const first = await running();
  const pids = servicePids();
  first.child.kill('SIGKILL');
  const second = await running();
  expect(second.output()).toContain('An earlier start ended without stopping');
  expect(pids.map(processIdentity)).toEqual([undefined, undefined, undefined, undefined]);
  second.child.kill('SIGTERM');
  await second.ended;
});

test('a taken port is named and nothing is left running', async () => {
  const taken = createServer().listen(Number(env.EBAP_PORT), '127.0.0.1');
  const { ended, output } = start();
  expect(await ended).toBe(1);
  expect(output()).toContain(`Port ${env.EBAP_PORT} on 127.0.0.1 is taken`);
  expect(existsSync(join(dataDir, 'lock'))).toBe(false);
  await new Promise((resolve) => taken.close(resolve));
});

test('without the demo key the simulator stays off', async () => {
  const { child, ended, output } = await running({ EBAP_DEMO_API_KEY: 'off' });
  expect(output()).toContain('The simulator stays off');
  expect(output()).not.toContain('Send an event');
  child.kill('SIGTERM');
  await ended;
});
