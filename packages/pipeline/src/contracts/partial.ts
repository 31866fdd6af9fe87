import { AppError } from '../errors/index.ts';

/**
 * Value of `ebap.windows.partial`: what one source partition knows after one cut, as absolute values. Identified
 * by (source partition, cut, part): a replay produces the same messages, and readers ignore those they have.
 * Binary: version byte, then varints (unsigned LEB128); signed numbers zigzag.
 */
export interface PartialMessage {
  readonly sourcePartition: number;
  /** floor(append time / 250 ms). */
  readonly cut: number;
  /** Parts of a cut are numbered from 0; the last one moves the source's watermark. */
  readonly part: number;
  readonly isLast: boolean;
  /** Watermark and newest append time of the source partition at the end of the cut; watermark null = none yet. */
  readonly watermarkMs: number | null;
  readonly appendMs: number;
  readonly workspaces: readonly PartialWorkspace[];
}

export interface PartialWorkspace {
  readonly workspace: string;
  readonly groups: readonly PartialGroup[];
}

/** What the numbers of a group are. The width is fixed per kind. */
export const PARTIAL_KINDS = {
  /** 10 s panes: view, cart, purchase, login, sales (1e-4 units). */
  additive: { code: 0, width: 5 },
  active1m: { code: 1, width: 1 },
  active5m: { code: 2, width: 1 },
  active1h: { code: 3, width: 1 },
  /** Distinct users of the trailing five minutes; the start is the cut's minute. */
  trailing: { code: 4, width: 1 },
  /** 1 m panes: carts due, abandoned. */
  carts: { code: 5, width: 2 },
  /** Minutes of arrival: member = outcome key, records. */
  ledger: { code: 6, width: 1 },
} as const;
export type PartialKind = keyof typeof PARTIAL_KINDS;

export interface PartialGroup {
  readonly kind: PartialKind;
  readonly startMs: number;
  /** Member (or outcome) keys; `values` holds `width` integers for each, one after the other. */
  readonly members: readonly string[];
  readonly values: readonly number[];
}

const FORMAT = 1;
const KINDS_BY_CODE = (Object.keys(PARTIAL_KINDS) as PartialKind[]).sort(
  (a, b) => PARTIAL_KINDS[a].code - PARTIAL_KINDS[b].code,
);
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { ignoreBOM: true });

/** Builds the bytes of one message; member keys are written once per message. */
export function encodePartial(message: PartialMessage): Uint8Array {
  const names = new Map<string, number>();
  for (const w of message.workspaces)
    for (const g of w.groups) for (const m of g.members) if (!names.has(m)) names.set(m, names.size);
  const out = sink.begin();
  out.byte(FORMAT);
  out.unsigned(message.sourcePartition);
  out.unsigned(message.cut);
  out.unsigned(message.part * 2 + (message.isLast ? 1 : 0));
  out.unsigned(message.watermarkMs === null ? 0 : message.watermarkMs + 1);
  out.unsigned(message.appendMs);
  out.unsigned(names.size);
  for (const name of names.keys()) out.text(name);
  out.unsigned(message.workspaces.length);
  for (const w of message.workspaces) {
    out.text(w.workspace);
    out.unsigned(w.groups.length);
    for (const g of w.groups) {
      out.byte(PARTIAL_KINDS[g.kind].code);
      out.unsigned(g.startMs);
      out.unsigned(g.members.length);
      for (const m of g.members) out.unsigned(names.get(m) ?? 0);
      for (const v of g.values) out.unsigned(v);
    }
  }
  return out.take();
}

/** @throws AppError `corrupt_data` or `unsupported_version`. */
export function decodePartial(bytes: Uint8Array): PartialMessage {
  const from = new ByteSource(bytes);
  const version = from.byte();
  if (version !== FORMAT)
    throw new AppError('unsupported_version', `partial format ${version} is not known to this version`, {
      context: { version },
    });
  const sourcePartition = from.unsigned();
  const cut = from.unsigned();
  const partAndLast = from.unsigned();
  const watermark = from.unsigned();
  const appendMs = from.unsigned();
  const names = list(from, () => from.text());
  const workspaces = list(
    from,
    (): PartialWorkspace => ({ workspace: from.text(), groups: list(from, () => readGroup(from, names)) }),
  );
  if (!from.done) throw new AppError('corrupt_data', 'a partial has bytes left over');
  return {
    sourcePartition,
    cut,
    part: Math.floor(partAndLast / 2),
    isLast: partAndLast % 2 === 1,
    watermarkMs: watermark === 0 ? null : watermark - 1,
    appendMs,
    workspaces,
  };
}

function readGroup(from: ByteSource, names: readonly string[]): PartialGroup {
  const kind = KINDS_BY_CODE[from.byte()];
  if (kind === undefined) throw new AppError('corrupt_data', 'a partial holds an unknown group');
  const startMs = from.unsigned();
  const members = list(from, () => {
    const name = names[from.unsigned()];
    if (name === undefined) throw new AppError('corrupt_data', 'a partial names a member it does not list');
    return name;
  });
  const values: number[] = [];
  for (let i = 0; i < members.length * PARTIAL_KINDS[kind].width; i++) values.push(from.unsigned());
  return { kind, startMs, members, values };
}

function list<T>(from: ByteSource, read: () => T): T[] {
  const count = from.unsigned();
  if (count > from.left) throw new AppError('corrupt_data', 'a partial announces more entries than it has bytes');
  return Array.from({ length: count }, read);
}

/** Member and workspace names come again in every cut. */
const names = new Map<string, Uint8Array>();
const MAX_NAMES = 20_000;

function encoded(name: string): Uint8Array {
  let bytes = names.get(name);
  if (bytes === undefined) {
    bytes = utf8.encode(name);
    if (names.size >= MAX_NAMES) names.clear();
    names.set(name, bytes);
  }
  return bytes;
}

class ByteSink {
  #bytes = new Uint8Array(65_536);
  #at = 0;

  begin(): this {
    this.#at = 0;
    return this;
  }

  #reserve(extra: number): void {
    if (this.#at + extra <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + extra));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  unsigned(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new AppError('internal', 'a partial holds a number that is no safe non-negative integer', {
        context: { value },
      });
    this.#reserve(9);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  text(value: string): void {
    const bytes = encoded(value);
    this.unsigned(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }
}

/** One for all messages: a cut has many, most of them small. */
const sink = new ByteSink();

class ByteSource {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  get done(): boolean {
    return this.left === 0;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new AppError('corrupt_data', 'a partial ends too early');
    return value;
  }

  unsigned(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 8; i++) {
      const b = this.byte();
      value += (b & 0x7f) * factor;
      if (b < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
      factor *= 128;
    }
    throw new AppError('corrupt_data', 'a partial holds a number that is too long');
  }

  text(): string {
    const size = this.unsigned();
    if (size > this.left) throw new AppError('corrupt_data', 'a partial ends within a text');
    const value = text.decode(this.#bytes.subarray(this.#at, this.#at + size));
    this.#at += size;
    return value;
  }
}
