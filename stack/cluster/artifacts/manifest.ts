import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What a folder held when it was whole: SHA-256 of each file, target of each symbolic link, by relative path. */
export type Manifest = Readonly<Record<string, string>>;

/** Reads every file under the folder. */
export async function manifestOf(folder: string): Promise<Manifest> {
  const entries: Record<string, string> = {};
  for (const path of await filesUnder(folder, '')) entries[path] = await fingerprint(join(folder, path));
  return entries;
}

/**
 * What of the manifest is missing, changed or too much; empty when the folder is as it was.
 * @param actual what the folder holds now
 */
export function differences(expected: Manifest, actual: Manifest): string[] {
  const paths = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...paths].filter((path) => expected[path] !== actual[path]).toSorted();
}

/** Undefined when the text is not a manifest. */
export function parseManifest(text: string): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value);
    if (entries.length === 0 || entries.some(([, fingerprint]) => typeof fingerprint !== 'string')) return undefined;
    return Object.fromEntries(entries);
  } catch {
    return undefined;
  }
}

async function filesUnder(folder: string, prefix: string): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(join(folder, prefix), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesUnder(folder, path)));
    else found.push(path);
  }
  return found;
}

async function fingerprint(file: string): Promise<string> {
  if ((await lstat(file)).isSymbolicLink()) return `-> ${await readlink(file)}`;
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}
