import { decodeRawEvent, RawEventView } from '@ebap/pipeline/contracts';
import { AppError } from '@ebap/pipeline/errors';
import type { AppendRecord } from '@ebap/pipeline/ports';

/** An event as it goes on the log, ready but for the end of its id and its time. */
export interface EncodedEvent {
  readonly key: Buffer;
  readonly partition: number;
  /** Confluent wire format: 5 bytes, then Avro. */
  readonly value: Uint8Array;
  /** As it stands in `value`. */
  readonly id: string;
}

const WIRE_HEADER_BYTES = 5;
/** Every id of a batch ends with the same so many digits; what stands before them is the event's own. */
const ID_TAIL_DIGITS = 12;
const BITS_28 = 2 ** 28;
/** Zigzag of these times has 36 to 42 bits: six bytes of Avro. 2004 to 2039. */
const LEAST_TIME_MS = 2 ** 40;
const TIME_BYTES = 6;

/** Encoded events side by side. A filled copy costs a few bytes per event, so a producer can be far ahead of a worker. */
export class EventBatch {
  readonly size: number;
  readonly #template: Buffer;
  readonly #starts: Uint32Array;
  readonly #idTails: Uint32Array;
  readonly #times: Uint32Array;
  readonly #events: readonly EncodedEvent[];

  /** @throws AppError `internal` when an event can't be filled in so that it decodes */
  constructor(events: readonly EncodedEvent[]) {
    this.size = events.length;
    this.#events = events;
    this.#template = Buffer.concat(events.map(({ value }) => value));
    this.#starts = new Uint32Array(events.length + 1);
    this.#idTails = new Uint32Array(events.length);
    this.#times = new Uint32Array(events.length);
    let at = 0;
    events.forEach(({ value, id }, i) => {
      const slots = slotsOf(value, id);
      this.#starts[i] = at;
      this.#idTails[i] = at + slots.idTail;
      this.#times[i] = at + slots.time;
      at += value.length;
    });
    this.#starts[events.length] = at;
  }

  /**
   * The events with `sequence` (below 2^48) as the end of each id, and `timeMs(i)` as the time of event i, as records of
   * their partitions. They share one new buffer.
   */
  fill(sequence: number, timeMs: (event: number) => number): readonly AppendRecord[] {
    const bytes = Buffer.from(this.#template);
    const tail = Buffer.from(sequence.toString(16).padStart(ID_TAIL_DIGITS, '0'), 'latin1');
    return this.#events.map(({ key, partition }, i) => {
      tail.copy(bytes, this.#idTails[i]);
      writeTime(bytes, this.#times[i] ?? 0, timeMs(i));
      return { key, partition, value: bytes.subarray(this.#starts[i], this.#starts[i + 1]) };
    });
  }
}

/** Where the end of the id and the time stand; tried out on a copy. */
function slotsOf(value: Uint8Array, id: string): { readonly idTail: number; readonly time: number } {
  const view = new RawEventView();
  const fault = (): AppError => new AppError('internal', 'An event of the pool cannot be filled in.');
  if (decodeRawEvent(value, WIRE_HEADER_BYTES, value.length, view) !== 'ok') throw fault();
  // After the user comes the action, an enum of one byte.
  const time = view.userEnd + 1;
  const idTail = Buffer.from(value).indexOf(id) + id.length - ID_TAIL_DIGITS;
  const copy = Buffer.from(value);
  const triedMs = view.timestampMs + 12_345_678;
  writeTime(copy, time, triedMs);
  copy.write('0123456789ab', idTail, 'latin1');
  if (decodeRawEvent(copy, WIRE_HEADER_BYTES, copy.length, view) !== 'ok' || view.timestampMs !== triedMs)
    throw fault();
  if (view.id3 !== 0x4567_89ab || view.id2 % 0x1_0000 !== 0x0123) throw fault();
  return { idTail, time };
}

/** An Avro long of six bytes: seven bits each, the low ones first, of the doubled (zigzag) number. */
function writeTime(bytes: Buffer, at: number, timeMs: number): void {
  if (!(timeMs >= LEAST_TIME_MS && timeMs < 2 * LEAST_TIME_MS))
    throw new AppError('internal', `${timeMs} ms are no time of our days.`);
  let rest = (timeMs * 2) % BITS_28;
  const high = Math.floor((timeMs * 2) / BITS_28);
  for (let i = 0; i < TIME_BYTES; i++) {
    if (i === 4) rest = high;
    bytes[at + i] = (rest & 127) | (i < TIME_BYTES - 1 ? 128 : 0);
    rest >>>= 7;
  }
}
