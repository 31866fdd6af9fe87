import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { differences, manifestOf, parseManifest } from './manifest.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'manifest-'));
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'lib/a.jar'), 'a');
  symlinkSync('a.jar', join(folder, 'lib/latest.jar'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a manifest holds the checksum of every file and the target of every link', async () => {
  expect(await manifestOf(folder)).toEqual({
    'lib/a.jar': 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
    'lib/latest.jar': '-> a.jar',
  });
});

test('a changed, a missing and an added file are differences', async () => {
  const before = await manifestOf(folder);
  expect(differences(before, await manifestOf(folder))).toEqual([]);
  writeFileSync(join(folder, 'lib/a.jar'), 'b');
  rmSync(join(folder, 'lib/latest.jar'));
  writeFileSync(join(folder, 'extra'), '');
  expect(differences(before, await manifestOf(folder))).toEqual(['extra', 'lib/a.jar', 'lib/latest.jar']);
});

test.each(['', '{', '[]', '{}', '{"a":1}', 'null'])('%j is no manifest', (text) => {
  expect(parseManifest(text)).toBeUndefined();
});
