import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Jdk } from '../jdk.ts';

/** How a Java program of the cluster is run. */
export interface JavaProgram {
  readonly jdk: Jdk;
  readonly heapMib: number;
  /** Its own folder for native libraries and the like; emptied. */
  readonly tempDir: string;
  /** JVM options after the common ones. */
  readonly options?: readonly string[];
  /** What follows the options: `-jar x.jar`, or a main class and its arguments. */
  readonly main: readonly string[];
}

export const javaOf = (jdk: Jdk): string => join(jdk.home, 'bin', 'java');

/** Warnings and errors of slf4j-simple with their time, on standard error. */
export const LOG_OPTIONS: readonly string[] = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
];

/** The arguments for `java`. A JVM without memory left ends: it would neither work nor say so. */
export function javaArguments({ heapMib, tempDir, options = [], main }: JavaProgram): string[] {
  return [
    '-Xms64m',
    `-Xmx${heapMib}m`,
    '-XX:+UseSerialGC',
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:-UsePerfData',
    `-Djava.io.tmpdir=${tempDir}`,
    ...options,
    ...main,
  ];
}

/** What an engine's process gets of the environment: nothing of ours. */
export function javaEnvironment(jdk: Jdk): Record<string, string> {
  return { JAVA_HOME: jdk.home, PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };
}

/** Native libraries that an earlier run unpacked and could not remove are of no use any more. */
export function emptyFolder(dir: string): string {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return dir;
}
