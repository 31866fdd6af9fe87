import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashInputs, isWebBuilt } from './webBuild.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ebap-web-build-'));
  write('apps/web/src/app/page.tsx', 'one');
  write('apps/web/.next/BUILD_ID', 'x');
  write('apps/web/.next/inputs.sha256', hashInputs(root));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

test('an untouched source is not built again', () => {
  expect(isWebBuilt(root)).toBe(true);
});

test.each(['apps/web/src/app/page.tsx', 'packages/ui/src/new.ts', 'package-lock.json'])('a change of %s is', (path) => {
  write(path, 'two');
  expect(isWebBuilt(root)).toBe(false);
});

test('tests are not part of the bundle', () => {
  write('apps/web/src/app/page.test.tsx', 'test');
  expect(isWebBuilt(root)).toBe(true);
});

test('a build that never finished is made again', () => {
  rmSync(join(root, 'apps/web/.next/BUILD_ID'));
  expect(isWebBuilt(root)).toBe(false);
});
