import { createHash, randomUUID } from 'node:crypto';
import { access, chmod, constants, lstat, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import { endEarlierServer } from './earlierRun.ts';
import { absent, errnoOf, folderFault } from './faults.ts';

/** Where the cluster and the programs live, and who runs them. */
export interface Home {
  readonly dir: string;
  /** Present when this process is root: PostgreSQL refuses to run as root. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

interface Note {
  readonly id: string;
  readonly home: string;
  readonly dataDir: string;
}

/** Where root's databases lie, the first that can be used. What lies in temporary folders may be cleared away. */
const SHARED_DIRS = ['/var/lib/ebap', '/var/tmp'];
const NOTE = 'location.json';
const ABANDONED = 'abandoned';
/** PostgreSQL looks its user up by name, so it has to be one the system knows. */
const UNPRIVILEGED_USERS = ['postgres', '_postgres', 'nobody'];

/**
 * A normal user's home is `dataDir` itself. For root it is a folder under `sharedDir` (default: `/var/lib/ebap`, else
 * `/var/tmp`) named after `dataDir`, because an unprivileged user cannot reach into root's own folders;
 * `dataDir/location.json` names it.
 * @throws AppError `configuration` when a folder cannot be used, is gone, or no unprivileged user exists.
 */
export async function prepareHome(dataDir: string, sharedDir?: string): Promise<Home> {
  const dir = await createFolder(dataDir).catch((error: unknown) => {
    throw folderFault(dataDir, error);
  });
  if (process.getuid?.() !== 0) return { dir };
  const shared = sharedDir ?? (await usableSharedDir());
  try {
    return { dir: await sharedHome(dir, await realpath(shared)), runAs: await unprivilegedUser() };
  } catch (error) {
    throw folderFault(shared, error);
  }
}

/** Where the database of a data folder lies now; null before its first start. */
export async function locateHome(dataDir: string): Promise<string | null> {
  if ((await lstat(dataDir).catch(absent)) === undefined) return null;
  return (await readNote(dataDir))?.home ?? dataDir;
}

async function usableSharedDir(): Promise<string> {
  for (const dir of SHARED_DIRS.slice(0, -1)) {
    try {
      await mkdir(dir, { recursive: true, mode: 0o755 });
      await chmod(dir, 0o755);
      await access(dir, constants.W_OK | constants.X_OK);
      return dir;
    } catch {
      // A system without a writable /var/lib: the next one.
    }
  }
  return SHARED_DIRS.at(-1) ?? '/var/tmp';
}

async function createFolder(dir: string): Promise<string> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    // Creating folders recursively says this for a read-only file system too.
    if (errnoOf(cause) !== 'ENOENT') throw cause;
    throw new AppError('configuration', `The folder ${dir} cannot be created: its disk is read-only or gone.`, {
      cause,
    });
  }
  return realpath(dir);
}

async function sharedHome(dataDir: string, sharedDir: string): Promise<string> {
  const note = await readNote(dataDir);
  const home = note?.home ?? join(sharedDir, `ebap-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`);
  if (note !== undefined && note.dataDir !== dataDir) await refuseCopy(note, dataDir);
  if (note !== undefined) await refuseLoss(note, dataDir);
  await mkdir(home, { mode: 0o755 }).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw error;
  });
  const info = await lstat(home);
  if (!info.isDirectory() || info.uid !== 0 || (info.mode & 0o022) !== 0) {
    throw new AppError('configuration', `${home} belongs to somebody else: remove it and start again.`);
  }
  await chmod(home, 0o755);
  await claim(home, dataDir, note);
  return home;
}

/** Writes both notes. A home that no data folder claims any more (that was deleted) starts empty. */
async function claim(home: string, dataDir: string, note: Note | undefined): Promise<void> {
  const held = await readNote(home);
  if (note !== undefined && note.id === held?.id && note.dataDir === dataDir) return;
  const id = note?.id ?? randomUUID();
  if (held !== undefined && held.id !== id) {
    await removeAbandoned(home);
    await rename(join(home, 'cluster'), join(home, ABANDONED)).catch(absent);
  }
  const text = JSON.stringify({ id, home, dataDir } satisfies Note);
  await writeWhole(join(home, NOTE), text);
  await writeWhole(join(dataDir, NOTE), text);
}

/** Half a note would be none, and its database look abandoned. */
async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}.new`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
}

/** A home that was there and is not any more: to start empty would hide that everything is lost. */
async function refuseLoss({ home }: Note, dataDir: string): Promise<void> {
  if ((await readNote(home)) !== undefined) return;
  throw new AppError(
    'configuration',
    `The database of ${dataDir} lay in ${home}, and that folder is gone or empty (a clean-up of temporary files?).\n` +
      `Restore ${home} from a backup; or, to start with nothing, remove the whole data folder ${dirname(dataDir)}: ` +
      'what is in it is of no use without its database.',
  );
}

/** A moved data folder keeps its cluster; a copied one must not share it with the original. */
async function refuseCopy(note: Note, dataDir: string): Promise<void> {
  const original = await readNote(note.dataDir);
  if (original?.id !== note.id) return;
  throw new AppError(
    'configuration',
    `${dataDir} is a copy of ${note.dataDir}, whose database lies in ${note.home}: start with an empty data folder.`,
  );
}

async function readNote(dir: string): Promise<Note | undefined> {
  const text = await readFile(join(dir, NOTE), 'utf8').catch(absent);
  if (text === undefined) return undefined;
  try {
    const note: unknown = JSON.parse(text);
    if (typeof note !== 'object' || note === null) return undefined;
    if (!('id' in note && 'home' in note && 'dataDir' in note)) return undefined;
    return { id: String(note.id), home: String(note.home), dataDir: String(note.dataDir) };
  } catch {
    return undefined;
  }
}

async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of UNPRIVILEGED_USERS) {
    const [, , uid, gid] = lines.find((fields) => fields[0] === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
  }
  throw new AppError('configuration', 'PostgreSQL refuses to run as root and there is no user "nobody": add one.');
}

/** Ends and removes what an earlier data folder of the same name left behind. */
export async function removeAbandoned(home: string): Promise<void> {
  const dir = join(home, ABANDONED);
  await endEarlierServer(dir);
  await rm(dir, { recursive: true, force: true });
}
