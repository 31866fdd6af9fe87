import { AppError } from '../errors/index.ts';
import {
  decodeSections,
  encodeSections,
  type Section,
  type SnapshotSink,
  type SnapshotSource,
} from '../state/index.ts';

/** A checkpoint in memory. Segments go through their bytes, as they would through a file. */
export class MemorySnapshot implements SnapshotSink, SnapshotSource {
  readonly #earlier: ReadonlyMap<string, Uint8Array>;
  readonly #segments = new Map<string, Uint8Array>();
  readonly #kinds = new Map<string, string>();
  readonly #generation: number;
  /** Names of the segments that this checkpoint wrote anew. */
  readonly written: string[] = [];

  /** `earlier`: the checkpoint before, whose segments may be kept. */
  constructor(earlier?: MemorySnapshot) {
    this.#earlier = earlier?.segments ?? new Map();
    this.#generation = (earlier?.generation ?? 0) + 1;
  }

  get generation(): number {
    return this.#generation;
  }

  get segments(): ReadonlyMap<string, Uint8Array> {
    return this.#segments;
  }

  write(kind: string, sections: readonly Section[]): string {
    const name = `${kind}#${this.#generation}.${this.#segments.size}`;
    this.#segments.set(name, encodeSections(sections));
    this.#kinds.set(name, kind);
    this.written.push(name);
    return name;
  }

  keep(name: string): void {
    const bytes = this.#earlier.get(name);
    if (bytes === undefined) throw new AppError('internal', `no earlier checkpoint wrote ${name}`);
    this.#segments.set(name, bytes);
    this.#kinds.set(name, name.slice(0, name.indexOf('#')));
  }

  names(kind: string): readonly string[] {
    return [...this.#segments.keys()].filter((name) => this.#kinds.get(name) === kind);
  }

  read(name: string): ReadonlyMap<string, Section> {
    const bytes = this.#segments.get(name);
    if (bytes === undefined) throw new AppError('corrupt_data', `no segment ${name}`);
    return decodeSections(bytes);
  }
}

/** The sections as a restored operator finds them: encoded and decoded again. */
export function throughBytes(sections: readonly Section[]): ReadonlyMap<string, Section> {
  return decodeSections(encodeSections(sections));
}
