/** Bytes that many share: bounded together, and bounded for each holder, so that one of them can't take all. */
export class SharedBudget {
  readonly #totalBytes: number;
  readonly #shareBytes: number;
  readonly #held = new Map<string, number>();
  #bytes = 0;

  /** @param shareBytes the most that one holder may have of `totalBytes` */
  constructor(totalBytes: number, shareBytes: number) {
    this.#totalBytes = totalBytes;
    this.#shareBytes = shareBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the bytes, or takes none and says what there is too little of. */
  take(holder: string, bytes: number): 'taken' | 'share_full' | 'all_full' {
    const held = (this.#held.get(holder) ?? 0) + bytes;
    if (held > this.#shareBytes) return 'share_full';
    if (this.#bytes + bytes > this.#totalBytes) return 'all_full';
    this.#held.set(holder, held);
    this.#bytes += bytes;
    return 'taken';
  }

  /** Gives back what was taken. */
  give(holder: string, bytes: number): void {
    const held = (this.#held.get(holder) ?? 0) - bytes;
    if (held > 0) this.#held.set(holder, held);
    else this.#held.delete(holder);
    this.#bytes -= bytes;
  }
}
