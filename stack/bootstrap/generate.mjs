import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

const STAMP = '.inputs.sha256';

/**
 * Generates the database client when the schema, its configuration or Prisma's version changed since the last time.
 * The stamp lies in the generated folder: without the folder there is no stamp.
 * @throws {Error} when generating fails
 */
export function generateIfChanged(root, node) {
  const folder = join(root, 'packages', 'db');
  const schema = join(folder, 'prisma', 'schema.prisma');
  if (!existsSync(schema)) return;
  const output = /^\s*output\s*=\s*"([^"]+)"/m.exec(readFileSync(schema, 'utf8'))?.[1];
  if (output === undefined) throw new Error('packages/db/prisma/schema.prisma names no output folder for its client.');
  const stamp = join(resolve(dirname(schema), output), STAMP);
  const hash = hashOf([schema, join(folder, 'package.json'), join(folder, 'prisma.config.ts')]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  console.log('Generating the database client …');
  const result = spawnSync('npm', ['run', '--silent', 'generate'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` },
  });
  if (result.status !== 0) {
    throw new Error(
      `The database client could not be generated:\n${result.stdout ?? ''}${result.stderr ?? result.error}`,
    );
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(existsSync(path) ? readFileSync(path) : 'none').update('\0');
  return hash.digest('hex');
}
