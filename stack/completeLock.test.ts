import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { missingPlatformPackages } from './completeLock.mjs';

const LOCK = JSON.parse(readFileSync(join(dirname(import.meta.dirname), 'package-lock.json'), 'utf8'));

test('the lock file covers every platform: else run `npm run lock`', () => {
  expect(missingPlatformPackages(LOCK.packages).map(({ name }) => name)).toEqual([]);
});

test('the lock file names no registry', () => {
  expect(Object.values<object>(LOCK.packages).filter((entry) => 'resolved' in entry && !('link' in entry))).toEqual([]);
});

test.each([
  ['tool-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
  ['@scope/cli-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
  ['@scope/windows-64', { os: ['win32'], cpu: ['x64'] }],
])('a missing %s is added for its platform', (name, platform) => {
  const packages = { 'node_modules/tool': { version: '1.0.0', dev: true, optionalDependencies: { [name]: '1.2.3' } } };
  expect(missingPlatformPackages(packages)).toEqual([
    { name, entry: { version: '1.2.3', ...platform, dev: true, optional: true } },
  ]);
});
