import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeFileIO } from '../conformance.ts';
import { openLocalFileIO } from '../index.ts';

describeFileIO('local folder', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'file-io-'));
  return { files: await openLocalFileIO({ dir }), dispose: () => rm(dir, { recursive: true }) };
});

describe('a local folder', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'file-io-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  test('keeps no temporary file after a write, nor after a refused one', async () => {
    const files = await openLocalFileIO({ dir });
    await files.write('a', [Buffer.from('1')]);
    await files.write('a', [Buffer.from('2')]).catch(() => {});
    expect(await readdir(join(dir, '.tmp'))).toEqual([]);
  });

  test('forgets interrupted writes of long ago, not those in progress', async () => {
    await mkdir(join(dir, '.tmp'));
    await writeFile(join(dir, '.tmp', 'old'), 'torn');
    await writeFile(join(dir, '.tmp', 'new'), 'being written');
    await utimes(join(dir, '.tmp', 'old'), new Date(0), new Date(0));
    const files = await openLocalFileIO({ dir });
    expect(await readdir(join(dir, '.tmp'))).toEqual(['new']);
    const listed: string[] = [];
    for await (const file of files.list('')) listed.push(file.name);
    expect(listed).toEqual([]);
  });

  test('empty folders go with their last file', async () => {
    const files = await openLocalFileIO({ dir });
    await files.write('p/q/r', [Buffer.from('1')]);
    await files.remove('p/q/r');
    expect(await readdir(dir)).toEqual(['.tmp']);
  });

  test('writers and removers of one folder do not trip over each other', async () => {
    const files = await openLocalFileIO({ dir });
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        await files.write(`busy/${i}`, [Buffer.from('x')]);
        await files.remove(`busy/${i}`);
      }),
    );
    expect(await readdir(dir)).toEqual(['.tmp']);
  });

  test('a file and a folder can not share a name', async () => {
    const files = await openLocalFileIO({ dir });
    await files.write('a/b', [Buffer.from('1')]);
    await expect(files.write('a', [])).rejects.toMatchObject({ code: 'conflict' });
    await expect(files.write('a/b/c', [])).rejects.toMatchObject({ code: 'conflict' });
  });
});
