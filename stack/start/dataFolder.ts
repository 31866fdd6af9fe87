import { chmod, readdir, stat } from 'node:fs/promises';

const PRIVATE_MODE = 0o700;
const OPEN_TO_OTHERS = 0o077;
const STICKY = 0o1000;
/** What an earlier start leaves in its data folder: only such a folder is ours to close. */
const OWN_ENTRIES: ReadonlySet<string> = new Set(['secrets', 'postgres']);

/**
 * Closes a data folder that others may enter, and returns what to tell; null when it is closed already. Folders that
 * are not the platform's alone (`/tmp`, somebody's home) are left as they are, with a warning.
 */
export async function closeDataFolder(dataDir: string): Promise<string | null> {
  const { mode, uid } = await stat(dataDir);
  if ((mode & OPEN_TO_OTHERS) === 0) return null;
  const rights = (mode & 0o777).toString(8).padStart(4, '0');
  const entries = await readdir(dataDir);
  const isOurs = uid === process.getuid?.() && (mode & STICKY) === 0 && (entries.length === 0 || isDataFolder(entries));
  if (isOurs && (await close(dataDir))) return `Closed the data folder to others: its rights were ${rights}, now 0700.`;
  return `The data folder ${dataDir} can be entered by others (rights ${rights}). Close it: chmod 0700 ${dataDir}`;
}

function isDataFolder(entries: readonly string[]): boolean {
  return entries.some((entry) => OWN_ENTRIES.has(entry));
}

async function close(dataDir: string): Promise<boolean> {
  return chmod(dataDir, PRIVATE_MODE).then(
    () => true,
    () => false,
  );
}
