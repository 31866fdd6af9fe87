import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installBinaries } from './binaries.ts';
import { type EmbeddedPostgres, locateHome, startEmbeddedPostgres } from './index.ts';
import { eventually, isAlive, signal } from './processes.ts';
import { startServer } from './server.ts';
import { killStarterAfter, spawnStarter } from './testing/children.ts';
import { reachableCopy } from './testing/reachableCopy.ts';

const isRoot = process.getuid?.() === 0;
let root = '';

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'ebap-postgres-')));
  await chmod(root, 0o755);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Options of a database of its own under the test's folder. */
function fresh(name: string) {
  return { dataDir: join(root, name), sharedDir: root, password: 'p@ss/w:rd?', database: 'ebap' };
}

/** Where the cluster of these options lies: root's data has to be where an unprivileged user reaches it. */
function homeOf(dataDir: string): string {
  if (!isRoot) return dataDir;
  return join(root, `ebap-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`);
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function serverPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(homeOf(dataDir), 'cluster', 'postmaster.pid'), 'utf8'), 10);
}

describe('an embedded PostgreSQL', () => {
  let postgres: EmbeddedPostgres;
  const options = () => ({ ...fresh('one'), walLimits: { maxWalBytes: 96 << 20, walKeepBytes: 128 << 20 } });
  beforeAll(async () => {
    postgres = await startEmbeddedPostgres(options());
  });
  afterAll(() => postgres.stop());

  it('takes connections to its database and is ready for logical replication', async () => {
    const sql = `SELECT current_database() AS db, current_setting('wal_level') AS wal, current_setting('fsync') AS fsync,
      current_setting('max_slot_wal_keep_size') AS keep,
      current_setting('max_wal_size') AS max, current_setting('server_encoding') AS encoding`;
    expect(await query(postgres.url(), sql)).toEqual([
      { db: 'ebap', wal: 'logical', fsync: 'on', keep: '128MB', max: '96MB', encoding: 'UTF8' },
    ]);
  });

  it('refuses a wrong password and listens on loopback without a socket file', async () => {
    const wrong = postgres.url().replace(encodeURIComponent(options().password), 'wrong');
    await expect(query(wrong, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    const sql = `SELECT current_setting('listen_addresses') AS listen, current_setting('unix_socket_directories') AS s`;
    expect(await query(postgres.url(), sql)).toEqual([{ listen: '127.0.0.1', s: '' }]);
  });

  it('keeps the cluster private and leaves no password file behind', async () => {
    const home = homeOf(options().dataDir);
    expect((await stat(join(home, 'cluster'))).mode & 0o777).toBe(0o700);
    expect((await readdir(home)).filter((name) => name.startsWith('password'))).toEqual([]);
    const commandLine = await readFile(`/proc/${await serverPid(options().dataDir)}/cmdline`, 'utf8').catch(() => '');
    expect(commandLine).not.toContain(options().password);
  });

  it('says that a second start of the same folder has to wait, and leaves the first alone', async () => {
    await expect(startEmbeddedPostgres(options())).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
    expect(await query(postgres.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('lets at most one of several starts at the same moment go on', async () => {
    const starts = await Promise.allSettled([1, 2, 3].map(() => startEmbeddedPostgres(fresh('together'))));
    const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    for (const start of starts) {
      if (start.status === 'rejected') expect(start.reason).toMatchObject({ code: 'configuration' });
    }
    expect(started.length).toBeLessThanOrEqual(1);
    for (const running of started) await running.stop();
    await (await startEmbeddedPostgres(fresh('together'))).stop();
  });

  it('runs as an unprivileged user when the starter is root', async () => {
    const owner = (await stat(`/proc/${await serverPid(options().dataDir)}`).catch(() => undefined))?.uid;
    if (owner !== undefined) expect(owner === 0).toBe(false);
  });

  it('keeps rows over a stop and a start, and does not mind a second stop', async () => {
    await query(postgres.url(), 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)');
    const pid = await serverPid(options().dataDir);
    await postgres.stop();
    await postgres.stop();
    expect(await isAlive(pid)).toBe(false);
    await expect(postgres.exited).resolves.toContain('shut down');
    postgres = await startEmbeddedPostgres(options());
    expect(await query(postgres.url(), 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
  });
});

describe('starting again after a kill', () => {
  it('goes on with the rows after kill -9 of the starting process', async () => {
    const options = fresh('killed');
    const first = await spawnStarter(options);
    await query(first.answer.url ?? '', 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)');
    await first.kill();
    const second = await startEmbeddedPostgres(options);
    expect(await query(second.url(), 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    await second.stop();
  });

  it('starts in the end, however often its starts were killed at whatever moment', async () => {
    const options = fresh('often');
    for (let delayMs = 150; delayMs <= 1_200; delayMs += 150) await killStarterAfter(options, delayMs);
    const postgres = await startEmbeddedPostgres(options);
    expect(await query(postgres.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await postgres.stop();
  });

  it('leaves no server behind when the starting process is killed', async () => {
    const options = fresh('orphan');
    const first = await spawnStarter(options);
    const pid = await serverPid(options.dataDir);
    await first.kill();
    expect(await eventually(async () => !(await isAlive(pid)), 10_000)).toBe(true);
  });

  it('ends a server that still runs, and recovers from kill -9 of the server', async () => {
    const options = fresh('running');
    const first = await startEmbeddedPostgres(options);
    await query(first.url(), 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (2)');
    await first.stop();
    const home = { dir: homeOf(options.dataDir), ...(isRoot && { runAs: await clusterOwner(options.dataDir) }) };
    const { postgres } = await installBinaries(home.dir);
    const orphan = await startServer(home, postgres, await takenThenFreed(), () => {});
    const second = await startEmbeddedPostgres(options);
    await orphan.exited;
    signal(await serverPid(options.dataDir), 'SIGKILL');
    await second.exited;
    await second.stop();
    const third = await startEmbeddedPostgres(options);
    expect(await query(third.url(), 'SELECT id FROM kept')).toEqual([{ id: 2 }]);
    await third.stop();
  });

  it('ignores a pid file that names a process of somebody else', async () => {
    const options = fresh('reused');
    await (await startEmbeddedPostgres(options)).stop();
    const cluster = join(homeOf(options.dataDir), 'cluster');
    await writeFile(join(cluster, 'postmaster.pid'), `${process.pid}\n${cluster}\n1\n5432\n\n127.0.0.1\n\nready\n`);
    const again = await startEmbeddedPostgres(options);
    expect(await query(again.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await again.stop();
  });

  it('starts over after an initdb that was killed half-way', async () => {
    const options = fresh('half');
    const home = homeOf(options.dataDir);
    await mkdir(join(home, 'cluster.new-1', 'base'), { recursive: true });
    await mkdir(join(home, 'runtime-18.4.0-beta.17.new', 'bin'), { recursive: true });
    await chmod(home, 0o755);
    await writeFile(join(home, 'password-1'), 'left behind');
    const postgres = await startEmbeddedPostgres(options);
    expect(await query(postgres.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await postgres.stop();
    expect((await readdir(home)).filter((name) => /^(cluster\.new|password)|\.new$/.test(name))).toEqual([]);
  });
});

describe('what a person has to mend is said', () => {
  it('names a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startEmbeddedPostgres({ ...fresh('port'), port })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(`Port ${port} on 127.0.0.1 is taken`),
    });
    await new Promise((resolve) => server.close(resolve));
  });

  it('tells a changed password from other faults', async () => {
    await (await startEmbeddedPostgres(fresh('password'))).stop();
    await expect(startEmbeddedPostgres({ ...fresh('password'), password: 'other' })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('another database password'),
    });
  });

  it('refuses data of another major version', async () => {
    const options = fresh('version');
    await (await startEmbeddedPostgres(options)).stop();
    await writeFile(join(homeOf(options.dataDir), 'cluster', 'PG_VERSION'), '17\n');
    await expect(startEmbeddedPostgres(options)).rejects.toMatchObject({ code: 'unsupported_version' });
  });

  it('names a data folder that is a file', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(startEmbeddedPostgres({ ...fresh('x'), dataDir: join(root, 'file', 'x') })).rejects.toMatchObject({
      code: 'configuration',
    });
  });
});

describe.runIf(isRoot)('as root', () => {
  it('starts empty when the data folder was deleted, and refuses a copy of it', async () => {
    const options = fresh('deleted');
    const first = await startEmbeddedPostgres(options);
    await query(first.url(), 'CREATE TABLE kept (id int)');
    await first.stop();
    const copy = { ...options, dataDir: join(root, 'copy') };
    await mkdir(copy.dataDir);
    await writeFile(join(copy.dataDir, 'location.json'), await readFile(join(options.dataDir, 'location.json')));
    await expect(startEmbeddedPostgres(copy)).rejects.toThrow(/is a copy of/);
    await rm(options.dataDir, { recursive: true });
    const second = await startEmbeddedPostgres({ ...options, password: 'new' });
    expect(await query(second.url(), `SELECT to_regclass('kept') AS kept`)).toEqual([{ kept: null }]);
    await second.stop();
  });

  it('refuses to start empty when the folder that it noted is gone', async () => {
    const options = fresh('lost');
    await (await startEmbeddedPostgres(options)).stop();
    const home = homeOf(options.dataDir);
    await rm(home, { recursive: true });
    const said = { code: 'configuration', message: expect.stringContaining(`lay in ${home}, and that folder is gone`) };
    await expect(startEmbeddedPostgres(options)).rejects.toMatchObject(said);
    await mkdir(home);
    await expect(startEmbeddedPostgres(options)).rejects.toMatchObject(said);
    expect(await locateHome(options.dataDir)).toBe(home);
  });

  it('goes on where it is noted, also when it would lie elsewhere today', async () => {
    const options = fresh('elsewhere');
    await (await startEmbeddedPostgres(options)).stop();
    const other = join(root, 'other-shared');
    await mkdir(other, { recursive: true });
    const again = await startEmbeddedPostgres({ ...options, sharedDir: other });
    expect(again.home).toBe(homeOf(options.dataDir));
    await again.stop();
  });

  it('works in a data folder below a 0700 folder of root', async () => {
    const home = join(root, 'private');
    await mkdir(home, { mode: 0o700 });
    const postgres = await startEmbeddedPostgres({ ...fresh('x'), dataDir: join(home, 'data') });
    expect(await query(postgres.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await postgres.stop();
  });

  it('works for a normal user in a folder of its own, and says when the folder cannot be written', async () => {
    const runAs = { uid: 65534, gid: 65534 };
    const folder = join(root, 'normal');
    await mkdir(folder);
    const programs = await reachableCopy(join(root, 'copy'));
    const { answer } = await spawnStarter({ ...fresh('x'), dataDir: join(folder, 'data') }, runAs, programs);
    expect(answer).toMatchObject({ code: 'configuration', message: expect.stringContaining('cannot be written') });
    await chmod(folder, 0o777);
    const starter = await spawnStarter({ ...fresh('x'), dataDir: join(folder, 'data') }, runAs, programs);
    expect(await query(starter.answer.url ?? '', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await stat(join(folder, 'data', 'cluster'))).uid).toBe(runAs.uid);
    await starter.stop();
  });
});

async function clusterOwner(dataDir: string): Promise<{ uid: number; gid: number }> {
  const { uid, gid } = await stat(join(homeOf(dataDir), 'cluster'));
  return { uid, gid };
}

async function takenThenFreed(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
