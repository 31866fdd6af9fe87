import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { EngineArtifacts, RedisProgram } from '../engines/context.ts';
import type { Jdk } from '../jdk.ts';
import {
  type Artifact,
  CONNECT_JARS,
  DEBEZIUM_PLUGIN,
  type EngineName,
  KAFKA_JARS,
  REDIS_PACKAGES,
  REGISTRY_APP,
} from '../versions.ts';
import type { EngineCache } from './engineCache.ts';

const OLDEST_REDIS_MAJOR = 7;

/** The artifacts of the engines, each looked for (and fetched, when it must be) once. */
export class CachedArtifacts implements EngineArtifacts {
  readonly jdk: Jdk;
  readonly #cache: EngineCache;
  readonly #searchPath: string;
  readonly #folders = new Map<Artifact, Promise<string>>();

  /** @param searchPath the `PATH`, where a Redis of the system is looked for */
  constructor(jdk: Jdk, cache: EngineCache, searchPath: string) {
    this.jdk = jdk;
    this.#cache = cache;
    this.#searchPath = searchPath;
  }

  kafkaJars(): Promise<string> {
    return this.#folder(KAFKA_JARS);
  }

  connectJars(): Promise<string> {
    return this.#folder(CONNECT_JARS);
  }

  connectPlugins(): Promise<string> {
    return this.#folder(DEBEZIUM_PLUGIN);
  }

  registryApp(): Promise<string> {
    return this.#folder(REGISTRY_APP);
  }

  async redis(): Promise<RedisProgram> {
    const installed = installedRedis(this.#searchPath);
    if (installed !== undefined) return { server: installed, libraryDirs: [] };
    const root = await this.#folder(REDIS_PACKAGES);
    return { server: join(root, 'usr/bin/redis-server'), libraryDirs: libraryDirsIn(root) };
  }

  /** Has everything that these engines are made of at hand, the slowest to start first. */
  async prepare(engines: readonly EngineName[]): Promise<void> {
    const wanted: Promise<unknown>[] = [];
    if (engines.includes('kafka')) wanted.push(this.kafkaJars());
    if (engines.includes('registry')) wanted.push(this.registryApp());
    if (engines.includes('connect')) wanted.push(this.connectJars(), this.connectPlugins());
    if (engines.includes('redis')) wanted.push(this.redis());
    await Promise.all(wanted);
  }

  #folder(artifact: Artifact): Promise<string> {
    const known = this.#folders.get(artifact);
    if (known !== undefined) return known;
    const folder = this.#cache.folder(artifact);
    this.#folders.set(artifact, folder);
    // A failed fetch may be tried again.
    folder.catch(() => this.#folders.delete(artifact));
    return folder;
  }
}

/** The `redis-server` of the `PATH` that is new enough. */
function installedRedis(searchPath: string): string | undefined {
  return searchPath
    .split(delimiter)
    .map((folder) => join(folder, 'redis-server'))
    .find((file) => existsSync(file) && redisMajor(file) >= OLDEST_REDIS_MAJOR);
}

/** `Redis server v=7.0.15 sha=…` */
function redisMajor(file: string): number {
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return Number(/ v=(\d+)\./.exec(stdout ?? '')?.[1] ?? 0);
}

/** `usr/lib/x86_64-linux-gnu` and the like. */
function libraryDirsIn(root: string): string[] {
  return ['usr/lib', 'lib'].flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder))
          .filter((name) => name.includes('-linux-'))
          .map((name) => join(root, folder, name))
      : [],
  );
}
