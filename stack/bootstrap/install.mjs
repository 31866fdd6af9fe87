import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Installs the packages of package-lock.json unless node_modules already holds them. npm writes its own record of
 * what it installed as the last act of an install, so an install that was killed half-way is seen and repeated.
 * No install script runs: nothing of the platform needs one.
 * @throws {Error} when npm fails
 */
export function installIfChanged(root) {
  if (isInstalled(root)) return;
  const fresh = !existsSync(join(root, 'node_modules', '.package-lock.json'));
  const startedMs = Date.now();
  console.log(
    fresh ? 'Installing packages (first start; a minute or a few) …' : 'Installing packages (the lock file changed) …',
  );
  const verb = fresh ? ['ci'] : ['install', '--no-save'];
  npm(root, [
    ...verb,
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  if (!isInstalled(root))
    throw new Error('npm reported success, but packages of package-lock.json are missing in node_modules.');
  console.log(`Installed in ${Math.round((Date.now() - startedMs) / 1000)} s.`);
}

/** True when every package that the lock file requires stands in node_modules at its version. */
export function isInstalled(root) {
  const wanted = readLock(join(root, 'package-lock.json'));
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined) throw new Error('package-lock.json is missing or damaged: restore it from the repository.');
  if (installed === undefined) return false;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.startsWith('node_modules/') ||
      entry.optional ||
      entry.devOptional ||
      entry.peer ||
      (installed[path] !== undefined && installed[path].version === entry.version),
  );
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function npm(root, args) {
  const ownCli = process.env.npm_execpath;
  const [command, prefix] =
    ownCli !== undefined && basename(ownCli).startsWith('npm') ? [process.execPath, [ownCli]] : ['npm', []];
  const result = spawnSync(command, [...prefix, ...args], { cwd: root, stdio: 'inherit' });
  if (result.error !== undefined) throw new Error(`npm could not be run: ${result.error.message}`);
  if (result.status !== 0)
    throw new Error('npm could not install the packages (see above). Is the registry reachable?');
}
