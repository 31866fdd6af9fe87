import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readdir, readFile, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import type { FileIO } from '@ebap/pipeline/ports';
import { TEMP_FOLDER, validatedName, validatedPrefix } from './names.ts';

export interface LocalFileIOOptions {
  /** Folder that holds the files; created. */
  readonly dir: string;
}

type ListedFile = { readonly name: string; readonly bytes: number; readonly modifiedMs: number };

const STALE_TEMP_MS = 3_600_000;
/** A concurrent `remove` may take an empty folder away between creating it and using it. */
const FOLDER_ATTEMPTS = 5;

/** Opens a folder as {@link FileIO}; removes what interrupted writes left behind an hour or more ago. */
export async function openLocalFileIO(options: LocalFileIOOptions): Promise<FileIO> {
  const root = resolve(options.dir);
  const temp = join(root, TEMP_FOLDER);
  await mkdir(temp, { recursive: true });
  for (const name of await readdir(temp)) {
    const path = join(temp, name);
    const info = await stat(path).catch(missing);
    if (info !== undefined && Date.now() - info.mtimeMs > STALE_TEMP_MS) await rm(path, { force: true });
  }
  return new LocalFileIO(root, temp);
}

class LocalFileIO implements FileIO {
  readonly #root: string;
  readonly #temp: string;

  constructor(root: string, temp: string) {
    this.#root = root;
    this.#temp = temp;
  }

  async write(name: string, chunks: readonly Uint8Array[]): Promise<{ readonly bytes: number }> {
    const target = join(this.#root, validatedName(name));
    const temp = join(this.#temp, randomUUID());
    try {
      const bytes = await writeDurably(temp, chunks);
      await this.#publish(temp, target, name);
      return { bytes };
    } finally {
      await rm(temp, { force: true });
    }
  }

  async read(name: string): Promise<Uint8Array> {
    const target = join(this.#root, validatedName(name));
    try {
      return await readFile(target);
    } catch (error) {
      if (isMissing(error) || hasCode(error, 'EISDIR')) throw new AppError('not_found', `There is no file ${name}.`);
      throw unavailable(name, error);
    }
  }

  async remove(name: string): Promise<void> {
    const target = join(this.#root, validatedName(name));
    try {
      await unlink(target);
    } catch (error) {
      if (isMissing(error) || hasCode(error, 'EISDIR', 'EPERM')) return;
      throw unavailable(name, error);
    }
    await this.#removeEmptyFolders(dirname(target));
  }

  async *list(prefix: string): AsyncIterable<ListedFile> {
    const wanted = validatedPrefix(prefix);
    yield* this.#walk(wanted.slice(0, wanted.lastIndexOf('/') + 1), wanted);
  }

  /** In the byte order of full names, as object stores list. `folder` is empty or ends in `/`. */
  async *#walk(folder: string, prefix: string): AsyncIterable<ListedFile> {
    const entries = (await readdir(join(this.#root, folder), { withFileTypes: true }).catch(missing)) ?? [];
    const names = entries
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''))
      .filter((name) => name !== `${TEMP_FOLDER}/` && (name.startsWith(prefix) || prefix.startsWith(name)))
      .sort((a, b) => (a < b ? -1 : 1));
    for (const name of names) {
      if (name.endsWith('/')) {
        yield* this.#walk(name, prefix);
        continue;
      }
      const info = await stat(join(this.#root, name)).catch(missing);
      if (info !== undefined) yield { name, bytes: info.size, modifiedMs: info.mtimeMs };
    }
  }

  /** Gives a finished file its name. A hard link fails when the name is taken, where a rename would overwrite. */
  async #publish(temp: string, target: string, name: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const created = await mkdir(dirname(target), { recursive: true });
        await link(temp, target);
        await this.#syncFolders(dirname(target), created);
        return;
      } catch (error) {
        if (hasCode(error, 'EEXIST', 'ENOTDIR')) throw new AppError('conflict', `The file ${name} exists.`);
        if (!isMissing(error) || attempt === FOLDER_ATTEMPTS) throw unavailable(name, error);
      }
    }
  }

  /** Makes the file's entry durable, and those of the folders that had to be created for it. */
  async #syncFolders(folder: string, firstCreated: string | undefined): Promise<void> {
    const last = firstCreated === undefined ? folder : dirname(resolve(firstCreated));
    for (let at = folder; ; at = dirname(at)) {
      await syncFolder(at);
      if (at === last || at === this.#root) return;
    }
  }

  async #removeEmptyFolders(folder: string): Promise<void> {
    for (let at = folder; at !== this.#root; at = dirname(at)) {
      const removed = await rmdir(at).then(
        () => true,
        () => false,
      );
      if (!removed) {
        await syncFolder(at).catch(missing);
        return;
      }
    }
    await syncFolder(this.#root);
  }
}

async function writeDurably(path: string, chunks: readonly Uint8Array[]): Promise<number> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'wx');
    let bytes = 0;
    for (const chunk of chunks) {
      await handle.writeFile(chunk);
      bytes += chunk.length;
    }
    await handle.sync();
    return bytes;
  } catch (error) {
    throw unavailable(path, error);
  } finally {
    await handle?.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR');
}

/** For `.catch`: undefined when the thing is not there. */
function missing(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}

function unavailable(name: string, cause: unknown): AppError {
  return new AppError('unavailable', `The file ${name} could not be reached.`, {
    retryable: true,
    context: { name },
    cause,
  });
}
