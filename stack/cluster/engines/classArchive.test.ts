import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClassArchive } from './classArchive.ts';

const JDK = { home: '/jdk', version: '25.0.3' };

let dir: string;
let archive: ClassArchive;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'class-archive-'));
  for (const name of ['cache', 'instance']) mkdirSync(join(dir, name));
  archive = new ClassArchive(JDK, join(dir, 'cache/content'), join(dir, 'instance'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('the first start writes an archive at its end, the next ones use it', () => {
  const fresh = join(dir, 'instance/classes.jsa');
  expect(archive.optionsToUse()).toEqual([]);
  expect(archive.options()).toEqual([`-XX:ArchiveClassesAtExit=${fresh}`]);
  writeFileSync(fresh, 'classes');
  archive.keep();
  const shared = join(dir, 'cache/classes-25.0.3.jsa');
  expect(readFileSync(shared, 'utf8')).toBe('classes');
  expect(existsSync(fresh)).toBe(false);
  expect(archive.options()).toEqual([`-XX:SharedArchiveFile=${shared}`, '-XX:+VerifySharedSpaces']);
});

test('an end that wrote none, and a cache that is gone, are no failures', () => {
  archive.keep();
  writeFileSync(join(dir, 'instance/classes.jsa'), 'classes');
  rmSync(join(dir, 'cache'), { recursive: true });
  archive.keep();
  expect(existsSync(join(dir, 'instance/classes.jsa'))).toBe(false);
});
