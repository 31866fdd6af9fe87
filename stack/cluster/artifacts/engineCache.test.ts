import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Artifact } from '../versions.ts';
import { EngineCache } from './engineCache.ts';

const ARTIFACT: Artifact = { kind: 'archive', name: 'tool-1', title: 'Tool 1', coordinates: 'a:b:1:tar.gz' };
/** Above every process id that a system gives out. */
const NO_PROCESS = 2 ** 30;

let dir: string;
let fetched: string[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'engine-cache-'));
  fetched = [];
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A cache whose artifacts come from here rather than from a package manager. */
function cacheWith(fetch: (content: string) => Promise<void> = fill): EngineCache {
  return new EngineCache({
    dir,
    env: {},
    signal: new AbortController().signal,
    progress: () => {},
    step: (label, work) => {
      fetched.push(label);
      return work();
    },
    fetch: (_, content) => fetch(content),
  });
}

async function fill(content: string): Promise<void> {
  writeFileSync(join(content, 'tool.jar'), 'whole');
}

test('an artifact is fetched once and used again by later runs', async () => {
  const folder = await cacheWith().folder(ARTIFACT);
  expect(readFileSync(join(folder, 'tool.jar'), 'utf8')).toBe('whole');
  expect(await cacheWith().folder(ARTIFACT)).toBe(folder);
  expect(fetched).toEqual(['Tool 1']);
});

test('a damaged artifact is fetched again', async () => {
  const folder = await cacheWith().folder(ARTIFACT);
  writeFileSync(join(folder, 'tool.jar'), 'damaged');
  expect(readFileSync(join(await cacheWith().folder(ARTIFACT), 'tool.jar'), 'utf8')).toBe('whole');
  expect(fetched).toEqual(['Tool 1', 'Tool 1, again: damaged']);
});

test('a fetch that fails leaves nothing behind, and the next one works', async () => {
  const failing = cacheWith(async (content) => {
    await fill(content);
    throw new AppError('cancelled', 'Stopped.');
  });
  await expect(failing.folder(ARTIFACT)).rejects.toThrow('Stopped.');
  expect(readdirSync(dir)).toEqual([]);
  await cacheWith().folder(ARTIFACT);
  expect(readdirSync(dir)).toEqual(['tool-1']);
});

test('runs that fetch at the same time all get a whole artifact', async () => {
  const folders = await Promise.all([cacheWith(), cacheWith(), cacheWith()].map((cache) => cache.folder(ARTIFACT)));
  for (const folder of folders) expect(readFileSync(join(folder, 'tool.jar'), 'utf8')).toBe('whole');
  expect(readdirSync(dir)).toEqual(['tool-1']);
});

test('what a killed run left half-way is removed, what a living one fetches is not', async () => {
  mkdirSync(join(dir, `fetching-${NO_PROCESS}-x`));
  mkdirSync(join(dir, `fetching-${process.ppid}-x`));
  await cacheWith().folder(ARTIFACT);
  expect(readdirSync(dir).toSorted()).toEqual([`fetching-${process.ppid}-x`, 'tool-1']);
});
