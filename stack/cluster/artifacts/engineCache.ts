import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity } from '@ebap/adapters/process';
import type { Artifact } from '../versions.ts';
import { type FetchOptions, fetchArtifact } from './fetchArtifact.ts';
import { differences, type Manifest, manifestOf, parseManifest } from './manifest.ts';

export interface EngineCacheOptions extends FetchOptions {
  readonly dir: string;
  /** Default: {@link fetchArtifact}. */
  readonly fetch?: typeof fetchArtifact;
  /** Shows that an artifact is being fetched. */
  readonly step: <Result>(label: string, work: () => Promise<Result>) => Promise<Result>;
}

const MANIFEST = 'manifest.json';
const CONTENT = 'content';
const MOVE_ATTEMPTS = 5;
/** Folder of a fetch that is going on: `fetching-<pid>-<uuid>`. */
const STAGING = /^fetching-(\d+)-/;

/**
 * Artifacts on disk, each whole or not there: fetched beside and moved in by one rename, with the checksums of all its
 * files, which are verified before each use. Several runs may share one cache.
 */
export class EngineCache {
  readonly #options: EngineCacheOptions;
  /** One after the other: a Maven repository is not made for two at once. */
  #maven: Promise<unknown> = Promise.resolve();

  constructor(options: EngineCacheOptions) {
    this.#options = options;
  }

  /**
   * The folder with the artifact's files; fetched when it is not there or damaged.
   * @throws AppError as {@link fetchArtifact}
   */
  folder(artifact: Artifact): Promise<string> {
    if (artifact.kind === 'debian') return this.#ensure(artifact);
    const result = this.#maven.then(() => this.#ensure(artifact));
    this.#maven = result.catch(() => {});
    return result;
  }

  async #ensure(artifact: Artifact): Promise<string> {
    const home = join(this.#options.dir, artifact.name);
    const state = await this.#inspect(home);
    if (state === 'sound') return join(home, CONTENT);
    await this.#options.step(state === 'damaged' ? `${artifact.title}, again: damaged` : artifact.title, () =>
      this.#fetch(artifact, home),
    );
    return join(home, CONTENT);
  }

  async #inspect(home: string): Promise<'sound' | 'damaged' | 'absent'> {
    if ((await stat(home).catch(() => undefined)) === undefined) return 'absent';
    const expected = parseManifest(await readFile(join(home, MANIFEST), 'utf8').catch(() => ''));
    if (expected === undefined) return 'damaged';
    const actual: Manifest = await manifestOf(join(home, CONTENT)).catch(() => ({}));
    return differences(expected, actual).length === 0 ? 'sound' : 'damaged';
  }

  async #fetch(artifact: Artifact, home: string): Promise<void> {
    const { dir, env, signal, progress, fetch = fetchArtifact } = this.#options;
    await mkdir(dir, { recursive: true });
    await this.#removeAbandoned();
    const staging = join(dir, `fetching-${process.pid}-${randomUUID()}`);
    const content = join(staging, CONTENT);
    const work = `${staging}.work`;
    try {
      for (const folder of [content, work]) await mkdir(folder, { recursive: true });
      await fetch(artifact, content, work, {
        env,
        signal,
        progress: (text) => progress(`${artifact.title}: ${text}`),
      });
      await writeFile(join(staging, MANIFEST), JSON.stringify(await manifestOf(content), undefined, 1));
      await this.#moveIn(staging, home);
    } finally {
      for (const folder of [staging, work]) await rm(folder, { recursive: true, force: true });
    }
  }

  /** Another run may have been faster: then its files are as good. */
  async #moveIn(staging: string, home: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await rename(staging, home);
      } catch (error) {
        if ((await this.#inspect(home)) === 'sound') return;
        if (attempt === MOVE_ATTEMPTS) throw error;
        const aside = `${staging}.old`;
        await rename(home, aside).catch(() => {});
        await rm(aside, { recursive: true, force: true });
      }
    }
  }

  /** What killed runs left half-way. */
  async #removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.#options.dir)) {
      const pid = Number(STAGING.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(pid) || processIdentity(pid) !== undefined) continue;
      await rm(join(this.#options.dir, name), { recursive: true, force: true });
    }
  }
}
