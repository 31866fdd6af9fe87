import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IngestServer } from './testing/ingestServer.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

let server: IngestServer;
let folder = '';
let child: ChildProcess | undefined;

beforeEach(async () => {
  server = await IngestServer.start();
  folder = await mkdtemp(join(tmpdir(), 'ebap-simulator-'));
});
afterEach(async () => {
  if (child?.exitCode === null) child.kill('SIGKILL');
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function start(env: Readonly<Record<string, string>>, args: readonly string[] = []): { errors: () => string } {
  const started = spawn(process.execPath, [MAIN, ...args], {
    env: {
      PATH: process.env.PATH,
      EBAP_SIMULATOR: '100',
      EBAP_PUBLIC_URL: server.url,
      EBAP_DATA_DIR: folder,
      EBAP_DEMO_API_KEY: 'key-meridian',
      EBAP_DEMO_API_KEY_ACME: 'key-acme',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  let errors = '';
  started.stdout?.resume();
  started.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return { errors: () => errors };
}

async function until(condition: () => boolean, withinMs = 10_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!condition() && performance.now() < endMs) await sleep(20);
  expect(condition()).toBe(true);
}

async function exit(): Promise<number | null> {
  if (child === undefined) return null;
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
}

describe('the simulator process', () => {
  it('waits for the platform, sends with both keys, and ends cleanly on SIGTERM', async () => {
    server.ready = false;
    start({});
    await sleep(500);
    expect(server.arrivals).toEqual([]);
    server.ready = true;
    const keys = (): number => new Set(server.arrivals.map((a) => a.authorization)).size;
    await until(() => server.accepted.length > 150 && keys() > 1);
    expect(new Set(server.arrivals.map((a) => a.authorization))).toEqual(
      new Set(['Bearer key-meridian', 'Bearer key-acme']),
    );
    child?.kill('SIGTERM');
    expect(await exit()).toBe(0);
    expect(new Set(server.accepted).size).toBe(server.accepted.length);
  });

  it('loses nothing while the platform is away, and goes on', async () => {
    start({});
    await until(() => server.accepted.length > 50);
    server.reply = () => ({ status: 503 });
    await sleep(1_500);
    const held = server.accepted.length;
    server.reply = () => ({ status: 202 });
    await until(() => server.accepted.length > held + 200);
    child?.kill('SIGTERM');
    await exit();
    expect(new Set(server.arrivals.flatMap((a) => a.lines)).size).toBe(new Set(server.accepted).size);
  });

  it('falls silent when the control file says so, tells it in its status, and speaks again', async () => {
    start({});
    await until(() => server.accepted.length > 50);
    const control = { scenarios: [{ name: 'silence', startedAtMs: Date.now(), durationSeconds: 600 }] };
    await writeFile(join(folder, 'simulator.json'), JSON.stringify(control));
    await sleep(3_000);
    const silent = server.accepted.length;
    await sleep(1_500);
    expect(server.accepted.length).toBe(silent);
    await sleep(1_500);
    const status = JSON.parse(await readFile(join(folder, 'simulator-status.json'), 'utf8'));
    expect(status.scenarios).toMatchObject([{ name: 'silence' }]);
    await rm(join(folder, 'simulator.json'));
    await until(() => server.accepted.length > silent + 100);
  });

  it('takes scenarios from its flags and refuses unknown ones', async () => {
    const { errors } = start({}, ['--scenario', 'flood']);
    expect(await exit()).toBe(1);
    expect(errors()).toContain('There is no scenario "flood"');
  });

  it('says which setting is wrong', async () => {
    const { errors } = start({ EBAP_SIMULATOR: 'fast' });
    expect(await exit()).toBe(1);
    expect(errors()).toContain('EBAP_SIMULATOR must be');
  });

  it('does nothing when it is off', async () => {
    start({ EBAP_SIMULATOR: 'off' });
    expect(await exit()).toBe(0);
    expect(server.arrivals).toEqual([]);
  });
});
