import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Jdk } from '../jdk.ts';

/**
 * The classes of a Java program as the JVM has them in memory: with it a start costs half the time and processor.
 * The first orderly end of the program writes it; it lies beside the program in the cache and goes with it.
 * A JVM checks that it fits the program and is whole, and does without it otherwise.
 */
export class ClassArchive {
  readonly #shared: string;
  readonly #fresh: string;

  /**
   * @param content the program's folder in the cache
   * @param dir where this instance may write
   */
  constructor(jdk: Jdk, content: string, dir: string) {
    this.#shared = join(dirname(content), `classes-${jdk.version}.jsa`);
    this.#fresh = join(dir, 'classes.jsa');
  }

  /** JVM options to use the archive, or to write it at the end. */
  options(): string[] {
    rmSync(this.#fresh, { force: true });
    return existsSync(this.#shared) ? this.optionsToUse() : [`-XX:ArchiveClassesAtExit=${this.#fresh}`];
  }

  /** JVM options to use the archive, none when there is no archive yet. */
  optionsToUse(): string[] {
    // Its checksums are verified: the JVM would believe a damaged one.
    return existsSync(this.#shared) ? [`-XX:SharedArchiveFile=${this.#shared}`, '-XX:+VerifySharedSpaces'] : [];
  }

  /** Keeps what an orderly end wrote. The start is only slower without it, so failures are of no account. */
  keep(): void {
    if (!existsSync(this.#fresh)) return;
    const draft = `${this.#shared}.${process.pid}`;
    try {
      copyFileSync(this.#fresh, draft);
      renameSync(draft, this.#shared);
    } catch {
      rmSync(draft, { force: true });
    }
    rmSync(this.#fresh, { force: true });
  }
}
