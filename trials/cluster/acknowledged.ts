import { closeSync, openSync, readSync } from 'node:fs';

const SAMPLE_EVERY_MS = 500;
const CHUNK_BYTES = 1 << 20;
const NEW_LINE = 10;

/** Counts the lines of the load generator's file as it grows: events that got a 202. */
export class Acknowledged {
  readonly #file: string;
  readonly #samples: { readonly atMs: number; readonly total: number }[] = [];
  readonly #timer: NodeJS.Timeout;
  #offset = 0;
  #total = 0;

  constructor(file: string) {
    this.#file = file;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);
    this.#timer.unref();
  }

  /** So many were acknowledged by now, at least. */
  total(): number {
    this.#sample();
    return this.#total;
  }

  /** So many were acknowledged by that time, at most as far as half a second of load. */
  totalAt(atMs: number): number {
    this.#sample();
    return this.#samples.find((sample) => sample.atMs >= atMs)?.total ?? this.#total;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    let fd: number;
    try {
      fd = openSync(this.#file, 'r');
    } catch {
      return; // nothing was acknowledged yet
    }
    try {
      const bytes = Buffer.alloc(CHUNK_BYTES);
      for (let read = readSync(fd, bytes, 0, CHUNK_BYTES, this.#offset); read > 0; ) {
        for (let i = bytes.indexOf(NEW_LINE); i >= 0 && i < read; i = bytes.indexOf(NEW_LINE, i + 1)) this.#total++;
        this.#offset += read;
        read = readSync(fd, bytes, 0, CHUNK_BYTES, this.#offset);
      }
    } finally {
      closeSync(fd);
    }
    this.#samples.push({ atMs: Date.now(), total: this.#total });
  }
}
