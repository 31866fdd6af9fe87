import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { EnvironmentReader } from '@ebap/adapters/settings';
import { type ClusterPorts, DEFAULT_PORTS } from './versions.ts';

/** Settings of the cluster on this machine. */
export interface ClusterSettings {
  /** Programs that were fetched; shared by all clusters of this user. */
  readonly cacheDir: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly ports: ClusterPorts;
}

/** Above it, the highest of the ports would not exist. */
const MAX_PORT_OFFSET = 40_000;

/**
 * @param baseDir what a relative `EBAP_DATA_DIR` is relative to
 * @throws AppError `configuration`
 */
export function loadClusterSettings(env: NodeJS.ProcessEnv, baseDir: string): ClusterSettings {
  const read = new EnvironmentReader(env);
  const dataDir = read.text('EBAP_DATA_DIR', '.ebap-cluster');
  const offset = read.wholeNumber('EBAP_CLUSTER_PORT_OFFSET', 0, 0, MAX_PORT_OFFSET);
  read.assertSound();
  const ports = shiftPorts(DEFAULT_PORTS, offset);
  return { cacheDir: engineCacheDir(env), ports, dataDir: isAbsolute(dataDir) ? dataDir : resolve(baseDir, dataDir) };
}

/** `EBAP_ENGINE_CACHE`, else a folder where the system's users keep what can be fetched again. */
export function engineCacheDir(env: NodeJS.ProcessEnv): string {
  const read = new EnvironmentReader(env);
  const caches = read.text('XDG_CACHE_HOME', join(homedir(), '.cache'));
  return resolve(read.text('EBAP_ENGINE_CACHE', join(caches, 'ebap', 'engines')));
}

function shiftPorts(ports: ClusterPorts, offset: number): ClusterPorts {
  const shifted = { ...ports };
  for (const [name, port] of Object.entries(ports)) Object.assign(shifted, { [name]: port + offset });
  return shifted;
}
