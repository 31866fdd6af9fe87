import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import { ServiceProcess } from '../supervisor/index.ts';

/** What the web app's bundle is made of, relative to the root. */
const INPUTS = [
  'apps/web/src',
  'apps/web/public',
  'apps/web/next.config.ts',
  'apps/web/postcss.config.mjs',
  'apps/web/package.json',
  'apps/web/tsconfig.json',
  'packages/adapters/src',
  'packages/db/src',
  'packages/db/prisma/schema.prisma',
  'packages/pipeline/src',
  'packages/ui/src',
  'package-lock.json',
] as const;
const STAMP = 'apps/web/.next/inputs.sha256';
const BUILD_ID = 'apps/web/.next/BUILD_ID';
const NOT_AN_INPUT = /(\.test\.tsx?|\/(generated|testing|test-fixtures))$/;

/** True when the bundle that lies there was made from these sources. */
export function isWebBuilt(root: string): boolean {
  if (!existsSync(join(root, BUILD_ID)) || !existsSync(join(root, STAMP))) return false;
  return readFileSync(join(root, STAMP), 'utf8') === hashInputs(root);
}

/**
 * Builds the web app. The stamp is removed first and written last: a build that was killed is made again.
 * @param signal ends the build and everything it started
 * @throws AppError `internal` with the end of the build's output, `cancelled` when the signal came
 */
export async function buildWeb(root: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  rmSync(join(root, STAMP), { force: true });
  const hash = hashInputs(root);
  const output: string[] = [];
  const build = new ServiceProcess(
    {
      command: [
        process.execPath,
        '--import',
        join(root, 'stack/supervisor/lifelinePreload.ts'),
        join(root, 'node_modules/next/dist/bin/next'),
        'build',
      ],
      cwd: join(root, 'apps/web'),
      env: { ...env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    },
    (line) => output.push(line),
  );
  const abort = () => build.kill();
  signal.addEventListener('abort', abort);
  const end = await build.ended;
  signal.removeEventListener('abort', abort);
  if (signal.aborted) throw new AppError('cancelled', 'Stopped.');
  if (end.code !== 0)
    throw new AppError('internal', `The web app could not be built:\n${output.slice(-40).join('\n')}`);
  writeFileSync(join(root, STAMP), hash);
}

/** SHA-256 over names and contents of everything the bundle is made of. */
export function hashInputs(root: string): string {
  const hash = createHash('sha256').update(process.version);
  for (const input of INPUTS) {
    for (const file of filesOf(root, input))
      hash
        .update(`${file}\0`)
        .update(readFileSync(join(root, file)))
        .update('\0');
  }
  return hash.digest('hex');
}

function filesOf(root: string, path: string): string[] {
  if (!existsSync(join(root, path)) || NOT_AN_INPUT.test(path)) return [];
  let entries: string[];
  try {
    entries = readdirSync(join(root, path)).toSorted();
  } catch {
    return [path];
  }
  return entries.flatMap((entry) => filesOf(root, `${path}/${entry}`));
}
