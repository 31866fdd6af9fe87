import type { Jdk } from '../jdk.ts';
import type { ClusterSecrets } from '../secrets.ts';
import type { ClusterPorts, HeapSizes } from '../versions.ts';

/** Where Redis lies; the folders are those of its libraries where they are not the system's. */
export interface RedisProgram {
  readonly server: string;
  readonly libraryDirs: readonly string[];
}

/** What the engines are made of; each asks for it when it starts. */
export interface EngineArtifacts {
  readonly jdk: Jdk;
  /** Folders of jars. */
  kafkaJars(): Promise<string>;
  connectJars(): Promise<string>;
  /** Folder whose folders are Connect's plugins. */
  connectPlugins(): Promise<string>;
  registryApp(): Promise<string>;
  redis(): Promise<RedisProgram>;
}

/** What every engine of one cluster is given. */
export interface EngineContext {
  /** Private to this user. */
  readonly dataDir: string;
  readonly ports: ClusterPorts;
  readonly heapMib: HeapSizes;
  readonly secrets: ClusterSecrets;
  readonly artifacts: EngineArtifacts;
  logFile(engine: string): string;
}
