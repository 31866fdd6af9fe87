import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findChromium } from './findChromium.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebap-chromium-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the browser on PATH is found, a folder of its name is not', () => {
  const program = join(folder, 'google-chrome');
  writeFileSync(program, '', { mode: 0o755 });
  mkdirSync(join(folder, 'chromium'));
  expect(findChromium({ PATH: `/nowhere:${folder}` }, [])).toEqual({ found: true, path: program });
});

test('EBAP_CHROMIUM comes first, and must be a program', () => {
  expect(findChromium({ PATH: folder, EBAP_CHROMIUM: process.execPath })).toEqual({
    found: true,
    path: process.execPath,
  });
  expect(findChromium({ PATH: folder, EBAP_CHROMIUM: folder })).toMatchObject({ found: false });
});

test('without one it says what to install', () => {
  expect(findChromium({ PATH: folder }, [])).toMatchObject({
    found: false,
    advice: expect.stringContaining('apt-get install chromium'),
  });
});
