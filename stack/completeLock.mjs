/**
 * `npm run lock`, after a change of dependencies. npm leaves packages of other platforms out of the lock file when the
 * registry at hand does not offer them, and `npm ci` then refuses the file everywhere. This adds them back: name,
 * version and platform, without an integrity value that nobody here could check.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXACT_VERSION = /^\d+\.\d+\.\d+/;

/** The optional packages that the lock file's packages name and the lock file itself lacks. */
export function missingPlatformPackages(packages) {
  const locked = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/'))));
  return Object.values(packages).flatMap((parent) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name, version]) => !locked.has(`node_modules/${name}`) && EXACT_VERSION.test(version))
      .map(([name, version]) => ({
        name,
        entry: { version, ...platformOf(name), ...(parent.dev && { dev: true }), optional: true },
      })),
  );
}

/** What a platform package's name says: `@scope/tool-linux-x64-musl`. */
function platformOf(name) {
  const words = name.split('/').at(-1).split('-');
  const has = (...options) => options.some((option) => words.includes(option));
  const os = has('darwin') ? 'darwin' : has('android') ? 'android' : has('win32', 'windows') ? 'win32' : 'linux';
  const cpu = has('arm64') ? 'arm64' : has('arm') ? 'arm' : 'x64';
  return { os: [os], cpu: [cpu], ...(has('musl') && { libc: ['musl'] }) };
}

function completeLock(file) {
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingPlatformPackages(lock.packages);
  for (const { name, entry } of missing) lock.packages[`node_modules/${name}`] = entry;
  lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')));
  if (missing.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing.length} platform packages added to the lock file.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  completeLock(join(dirname(fileURLToPath(import.meta.url)), '..', 'package-lock.json'));
}
