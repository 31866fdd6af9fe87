/** Marks that stand in a template for an id's last 12 digits and for a time, as long as what replaces them. */
export const ID_TAIL_MARK = '############';
export const ISO_MARK = '@@@@@@@@@@@@@@@@@@@@@@@@';
export const MS_MARK = '@@@@@@@@@@@@@';

const DIGITS = Array.from({ length: 16 }, (_, i) => i.toString(16).charCodeAt(0));

/** One line per record. Ids and times are filled in place, so a batch costs a copy and a few bytes per record. */
export class SlottedText {
  readonly #template: Buffer;
  readonly #idAt: Uint32Array;
  readonly #timeAt: Uint32Array;
  readonly #lineEnds: Uint32Array;
  readonly #iso: boolean;

  /** `timeMark`: ISO_MARK or MS_MARK, one per line, like ID_TAIL_MARK. */
  constructor(lines: readonly string[], timeMark: typeof ISO_MARK | typeof MS_MARK) {
    this.#iso = timeMark === ISO_MARK;
    this.#idAt = new Uint32Array(lines.length);
    this.#timeAt = new Uint32Array(lines.length);
    this.#lineEnds = new Uint32Array(lines.length);
    const buffers = lines.map((line) => Buffer.from(`${line}\n`, 'utf8'));
    let at = 0;
    buffers.forEach((buffer, i) => {
      this.#idAt[i] = at + buffer.indexOf(ID_TAIL_MARK);
      this.#timeAt[i] = at + buffer.indexOf(timeMark);
      at += buffer.length;
      this.#lineEnds[i] = at;
    });
    this.#template = Buffer.concat(buffers);
  }

  /** A copy with `sequence` (below 2^48) as the end of every id and `timeMs(i)` as the time of line i. */
  fill(sequence: number, timeMs: (line: number) => number): Buffer {
    const bytes = Buffer.from(this.#template);
    const tail = Buffer.from(sequence.toString(16).padStart(12, '0'), 'latin1');
    for (let i = 0; i < this.#idAt.length; i++) {
      bytes.set(tail, this.#idAt[i]);
      if (this.#iso) writeIso(bytes, this.#timeAt[i] ?? 0, timeMs(i));
      else writeDecimal(bytes, this.#timeAt[i] ?? 0, timeMs(i), 13);
    }
    return bytes;
  }

  /** The lines of a filled copy whose numbers are not in `without`. */
  lines(filled: Buffer, without: ReadonlySet<number>): Buffer {
    if (without.size === 0) return filled;
    const kept: Buffer[] = [];
    for (let i = 0; i < this.#lineEnds.length; i++)
      if (!without.has(i)) kept.push(filled.subarray(i === 0 ? 0 : this.#lineEnds[i - 1], this.#lineEnds[i]));
    return Buffer.concat(kept);
  }
}

let isoSecond = Number.NaN;
let isoPrefix = Buffer.alloc(20);

/** `YYYY-MM-DDTHH:MM:SS.mmmZ`; the part before the milliseconds is kept for the next record of the same second. */
function writeIso(bytes: Buffer, at: number, timeMs: number): void {
  const second = Math.floor(timeMs / 1_000);
  if (second !== isoSecond) {
    isoSecond = second;
    isoPrefix = Buffer.from(new Date(second * 1_000).toISOString().slice(0, 20), 'latin1');
  }
  bytes.set(isoPrefix, at);
  writeDecimal(bytes, at + 20, timeMs - second * 1_000, 3);
  bytes[at + 23] = 90;
}

function writeDecimal(bytes: Buffer, at: number, value: number, digits: number): void {
  let rest = value;
  for (let i = digits - 1; i >= 0; i--) {
    const next = Math.floor(rest / 10);
    bytes[at + i] = DIGITS[rest - next * 10] ?? 48;
    rest = next;
  }
}
