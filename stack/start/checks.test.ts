import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkDiskSpace, checkPortFree, checkWritable, freePort } from './checks.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebap-checks-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a taken port is named, with how to change it', async () => {
  const server = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await expect(checkPortFree('127.0.0.1', port, 'EBAP_PORT')).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is taken by another program. Choose another with EBAP_PORT, for example EBAP_PORT=${port + 100} npm start`,
  );
  await new Promise((resolve) => server.close(resolve));
  await expect(checkPortFree('127.0.0.1', port, 'EBAP_PORT')).resolves.toBeUndefined();
});

test('an address of another machine is refused', async () => {
  await expect(checkPortFree('192.0.2.1', await freePort(), 'EBAP_PORT')).rejects.toThrow('EADDRNOTAVAIL');
});

test('the data folder is made, and leaves no trace of the check', async () => {
  const dataDir = join(folder, 'a', 'b');
  await checkWritable(dataDir);
  expect(readdirSync(dataDir)).toEqual([]);
});

test('a data folder that is a file cannot be written', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(checkWritable(join(folder, 'file'))).rejects.toThrow('cannot be used: it is a file, not a folder');
  await expect(checkWritable(join(folder, 'file', 'x'))).rejects.toThrow('a part of its path is a file');
});

test.runIf(existsSync('/proc/self'))('where nothing can be created, the check says so and ends', async () => {
  await expect(checkWritable('/proc/nothing/here')).rejects.toThrow('nothing can be created there');
});

test('a disk with too little room is told with figures', async () => {
  await expect(checkDiskSpace(folder, Number.MAX_SAFE_INTEGER)).rejects.toThrow(/Only \d+\.\d GiB are free/);
  await expect(checkDiskSpace(folder, 1)).resolves.toBeUndefined();
});
