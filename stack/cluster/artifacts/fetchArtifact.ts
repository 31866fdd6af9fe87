import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import { runTool } from '../process/runTool.ts';
import type { Artifact } from '../versions.ts';
import { parseCoordinates, pomOf } from './coordinates.ts';

export interface FetchOptions {
  /** Environment of the tools: their own settings, mirrors and proxies are the person's. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Takes now and then how far the download is. */
  readonly progress: (text: string) => void;
}

const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
/** A file whose checksum is wrong fails; no batch mode, which would not say how far a download is. */
const MAVEN_FLAGS = ['--strict-checksums', '-Dstyle.color=never'];
const PROGRESS_EVERY_MS = 3_000;
const MAVEN_MISSING =
  'Maven (mvn) is needed to fetch the engines: install it (apt install maven, brew install maven) and start again.';
const REDIS_MISSING =
  'Redis 7 or newer is needed: install it so that redis-server is on the PATH (apt install redis-server, brew install redis).';

/**
 * Fetches an artifact by its package manager, which verifies what it downloads, and fills the folder `content`.
 * What lies in the local Maven repository is not downloaded again.
 * @param work an empty folder for what is only needed on the way
 * @throws AppError `configuration` (a tool is missing), `unavailable` with the tool's words, `cancelled`
 */
export async function fetchArtifact(
  artifact: Artifact,
  content: string,
  work: string,
  options: FetchOptions,
): Promise<void> {
  switch (artifact.kind) {
    case 'classpath':
      return fetchJars(artifact.coordinates, content, work, options);
    case 'archive':
      return fetchArchive(artifact.coordinates, content, work, options);
    case 'debian':
      return fetchPackages(artifact.packages, content, work, options);
  }
}

async function fetchJars(coordinates: readonly string[], content: string, work: string, options: FetchOptions) {
  const pom = join(work, 'pom.xml');
  await writeFile(pom, pomOf(coordinates.map(parseCoordinates)));
  const goal = [`${DEPENDENCY_PLUGIN}:copy-dependencies`, '-DincludeScope=runtime', `-DoutputDirectory=${content}`];
  await maven([...goal, '--file', pom], work, options);
}

async function fetchArchive(coordinates: string, content: string, work: string, options: FetchOptions) {
  parseCoordinates(coordinates);
  await maven([`${DEPENDENCY_PLUGIN}:copy`, `-Dartifact=${coordinates}`, `-DoutputDirectory=${work}`], work, options);
  for (const name of await readdir(work)) {
    await runTool('tar', ['-xzf', join(work, name), '-C', content, '--no-same-owner'], options);
    await rm(join(work, name));
  }
}

async function maven(args: readonly string[], cwd: string, options: FetchOptions): Promise<void> {
  let shownMs = performance.now();
  const onOutput = (text: string) => {
    const progress = transferProgress(text);
    if (progress === undefined || performance.now() - shownMs < PROGRESS_EVERY_MS) return;
    shownMs = performance.now();
    options.progress(progress);
  };
  await runTool('mvn', [...MAVEN_FLAGS, ...args], { ...options, cwd, onOutput, ifMissing: MAVEN_MISSING });
}

/** `17/159 MB` from Maven's `Progress (1): 17/159 MB`, the newest of several; undefined for files below a megabyte. */
export function transferProgress(output: string): string | undefined {
  return [...output.matchAll(/Progress \(\d+\): ([\d.]+\/[\d.]+ MB)/g)].at(-1)?.[1];
}

/** Debian's packages, unpacked beside the system: no rights are needed, and nothing is installed. */
async function fetchPackages(packages: readonly string[], content: string, work: string, options: FetchOptions) {
  const tool = { ...options, cwd: work, ifMissing: REDIS_MISSING };
  const missing = await runTool(
    'apt-get',
    ['install', '--print-uris', '--quiet', '--yes', '--no-install-recommends', ...packages],
    tool,
  ).catch((error: unknown) => {
    throw withAdvice(error);
  });
  const names = new Set([...packages, ...packageNames(missing)]);
  await runTool('apt-get', ['download', '--quiet', ...names], tool).catch((error: unknown) => {
    throw withAdvice(error);
  });
  for (const name of await readdir(work)) await runTool('dpkg-deb', ['--extract', join(work, name), content], tool);
}

/** Names of the packages in what `apt-get --print-uris` says: `'http://…' name_version_arch.deb size hash`. */
export function packageNames(printedUris: string): string[] {
  return printedUris.split('\n').flatMap((line) => /^'[^']+' ([^_ ]+)_\S+\.deb /.exec(line)?.[1] ?? []);
}

/** A list of packages that was never fetched, or is old, looks like a package that does not exist. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'unavailable') return error;
  return new AppError(
    'unavailable',
    `${error.message}\n${REDIS_MISSING}\nOr refresh the package lists: apt-get update.`,
    {
      cause: error,
    },
  );
}
