import type { Section } from './sections.ts';

/**
 * Where a task puts its state at a checkpoint. Segments are immutable: a task writes what is new and refers to
 * what it wrote before.
 */
export interface SnapshotSink {
  /** Adds a new segment, returns the name under which the manifest lists it. */
  write(kind: string, sections: readonly Section[]): string;
  /** Lists a segment that an earlier checkpoint wrote. */
  keep(name: string): void;
}

/** Where a task finds its state at a restore. */
export interface SnapshotSource {
  /** Names of the manifest's segments of a kind, in the order in which they were written or kept. */
  names(kind: string): readonly string[];
  /** Sections of a segment. */
  read(name: string): ReadonlyMap<string, Section>;
}
