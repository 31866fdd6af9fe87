import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';

/** An installed Java. */
export interface Jdk {
  readonly home: string;
  /** As its `release` file says, for example `25.0.3`. */
  readonly version: string;
}

/** Where systems keep their Javas; on macOS the home lies deeper. */
const FOLDERS = [
  { dir: '/usr/lib/jvm', home: '' },
  { dir: '/Library/Java/JavaVirtualMachines', home: 'Contents/Home' },
] as const;

/**
 * The Java to run the engines on: `JAVA_HOME`, else the one on the `PATH`, else the newest installed, of those new enough.
 * @throws AppError `configuration` naming what was found and what is needed
 */
export function findJdk(env: NodeJS.ProcessEnv, oldestMajor: number): Jdk {
  const preferred = [env.JAVA_HOME, homeOnPath(env.PATH ?? '')].flatMap(jdkAt);
  const installed = FOLDERS.flatMap(({ dir, home }) => listFolder(dir).map((name) => join(dir, name, home))).flatMap(
    jdkAt,
  );
  return chooseJdk(preferred, installed, oldestMajor);
}

/**
 * @param preferred in the order of preference
 * @param installed in any order: the newest wins
 * @throws AppError `configuration` when none is new enough
 */
export function chooseJdk(preferred: readonly Jdk[], installed: readonly Jdk[], oldestMajor: number): Jdk {
  const newestFirst = installed.toSorted((a, b) => majorOf(b.version) - majorOf(a.version));
  const chosen = [...preferred, ...newestFirst].find(({ version }) => majorOf(version) >= oldestMajor);
  if (chosen !== undefined) return chosen;
  const found = new Map([...preferred, ...installed].map(({ home, version }) => [home, version]));
  const list = [...found].map(([home, version]) => `${version} in ${home}`).join(', ');
  throw new AppError(
    'configuration',
    `Java ${oldestMajor} or newer is needed to run the engines; ${list === '' ? 'none was found' : `found: ${list}`}.\n` +
      'Install one (for example Temurin 25 from https://adoptium.net) and set JAVA_HOME to its folder.',
  );
}

/** 25 for `25.0.3`, 8 for `1.8.0_402`. */
export function majorOf(version: string): number {
  const [first = 0, second = 0] = version.split(/[._+-]/).map(Number);
  return first === 1 ? second : first;
}

/** What the `release` file of a Java says its version is. */
export function versionIn(releaseFile: string): string | undefined {
  return /^JAVA_VERSION="([^"]+)"/m.exec(releaseFile)?.[1];
}

function jdkAt(home: string | undefined): Jdk[] {
  if (home === undefined || home === '') return [];
  try {
    const real = realpathSync(home);
    const version = versionIn(readFileSync(join(real, 'release'), 'utf8'));
    const isWhole = ['java', 'keytool'].every((program) => existsSync(join(real, 'bin', program)));
    return version !== undefined && isWhole ? [{ home: real, version }] : [];
  } catch {
    return [];
  }
}

/** The home of the `java` that a shell would run. macOS has a `java` that only says how to get one: it has no home. */
function homeOnPath(path: string): string | undefined {
  const java = path
    .split(delimiter)
    .map((folder) => join(folder, 'java'))
    .find((file) => existsSync(file));
  return java === undefined ? undefined : dirname(dirname(realpathSync(java)));
}

function listFolder(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
