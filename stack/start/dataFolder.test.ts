import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { closeDataFolder } from './dataFolder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebap-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const rights = () => statSync(folder).mode & 0o1777;

test('a closed data folder is not spoken of', async () => {
  expect(await closeDataFolder(folder)).toBeNull();
});

test('a data folder that others may enter is closed, and that is said', async () => {
  mkdirSync(join(folder, 'secrets'));
  chmodSync(folder, 0o755);
  expect(await closeDataFolder(folder)).toBe('Closed the data folder to others: its rights were 0755, now 0700.');
  expect(rights()).toBe(0o700);
});

test('an empty folder made by hand is closed too', async () => {
  chmodSync(folder, 0o775);
  expect(await closeDataFolder(folder)).toContain('now 0700');
});

test('a folder that holds other things, or is shared by all, keeps its rights', async () => {
  writeFileSync(join(folder, 'thesis.txt'), '');
  chmodSync(folder, 0o755);
  expect(await closeDataFolder(folder)).toContain(`Close it: chmod 0700 ${folder}`);
  expect(rights()).toBe(0o755);
  mkdirSync(join(folder, 'secrets'));
  chmodSync(folder, 0o1777);
  expect(await closeDataFolder(folder)).toContain('rights 0777');
  expect(rights()).toBe(0o1777);
});
