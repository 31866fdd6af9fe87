import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processIdentity } from '@ebap/adapters/process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endLeftovers, recordServices } from './leftovers.ts';
import { lockDataDir } from './lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebap-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const URL_A = 'http://localhost:3000';

test('a second start is told who runs and where', () => {
  const lock = lockDataDir(folder, URL_A);
  expect(() => lockDataDir(folder, 'http://localhost:4000')).toThrow(`process ${process.pid}, ${URL_A}`);
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, identity: 'x', url: URL_A })],
  [
    'of an earlier process with a pid that is used again',
    JSON.stringify({ pid: process.pid, identity: 'x', url: URL_A }),
  ],
  ['that a kill left half-written', '{"pid":'],
])('the lock %s is taken over', (_, content) => {
  writeFileSync(join(folder, 'lock'), content);
  const lock = lockDataDir(folder, URL_A);
  expect(lock.tookOver).toBe(true);
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
});

test('releasing leaves the lock of somebody else alone', () => {
  const lock = lockDataDir(folder, URL_A);
  writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: 1, identity: 'other', url: URL_A }));
  lock.release();
  expect(existsSync(join(folder, 'lock'))).toBe(true);
});

test('services of a killed start that do not end by themselves are ended', async () => {
  const file = join(folder, 'services.json');
  const service = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const pid = service.pid ?? 0;
  recordServices(file, new Map([['worker', pid]]));
  expect(await endLeftovers(file, 200)).toEqual(['worker']);
  await new Promise((resolve) => service.once('exit', resolve));
  expect(processIdentity(pid)).toBeUndefined();
  expect(existsSync(file)).toBe(false);
});

test('a process that has only inherited the pid of a service is left alone', async () => {
  const file = join(folder, 'services.json');
  writeFileSync(file, JSON.stringify({ worker: { pid: process.pid, identity: 'earlier' } }));
  expect(await endLeftovers(file, 200)).toEqual([]);
});
