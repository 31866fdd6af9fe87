import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

/** Waits for the condition; the limit only ends what would never come. */
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 40_000, interval: 20 });

interface Status {
  readonly atMs: number;
  readonly scenarios: readonly { readonly name: string }[];
  readonly workspaces: Readonly<Record<string, { readonly offered: number }>>;
}

/** The simulator's status once it is as wanted; it is written every few seconds. */
async function status(isWanted: (found: Status) => boolean): Promise<Status> {
  const read = async () => {
    const text = await readFile(join(folder, 'simulator-status.json'), 'utf8').catch(() => null);
    // Written by the simulator alone, whole or not at all.
    const found = text === null ? null : (JSON.parse(text) as Status);
    return found !== null && isWanted(found) ? found : null;
  };
  return vi.waitUntil(read, { timeout: 40_000, interval: 20 });
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
    await until(() => server.readinessChecks >= 3);
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
    const before = server.arrivals.length;
    await until(() => server.arrivals.length > before + 5);
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
    const first = await status(({ scenarios }) => scenarios.some(({ name }) => name === 'silence'));
    const later = await status(({ atMs }) => atMs > first.atMs);
    expect(later.scenarios).toMatchObject([{ name: 'silence' }]);
    const offered = ({ workspaces }: Status) => Object.values(workspaces).map((counts) => counts.offered);
    expect(offered(later)).toEqual(offered(first));
    const silent = server.accepted.length;
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
