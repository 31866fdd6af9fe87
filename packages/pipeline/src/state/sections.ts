import { crc32 } from 'node:zlib';
import { AppError } from '../errors/index.ts';

/** A typed column of a state segment. */
export type Column = Uint8Array | Int32Array | Uint32Array | Float64Array;

/** A named part of a state segment: a small JSON head and columns copied byte for byte. */
export interface Section {
  readonly name: string;
  readonly head: unknown;
  readonly columns: readonly Column[];
}

const MAGIC = 0x45424150; // "EBAP"
export const STATE_FORMAT_VERSION = 2;
const KINDS = ['u8', 'i32', 'u32', 'f64'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Bytes of a state segment: magic, version, length of the directory, directory (JSON), columns at 8-byte
 * boundaries (little endian), CRC-32 of everything before it.
 */
export function encodeSections(sections: readonly Section[]): Uint8Array {
  const directory = new TextEncoder().encode(
    JSON.stringify(
      sections.map((s) => ({ name: s.name, head: s.head, columns: s.columns.map((c) => [kindOf(c), c.length]) })),
    ),
  );
  let size = align(12 + directory.length);
  for (const s of sections) for (const c of s.columns) size += align(c.byteLength);
  const bytes = new Uint8Array(size + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, STATE_FORMAT_VERSION);
  view.setUint32(8, directory.length);
  bytes.set(directory, 12);
  let at = align(12 + directory.length);
  for (const s of sections)
    for (const c of s.columns) {
      bytes.set(new Uint8Array(c.buffer, c.byteOffset, c.byteLength), at);
      at += align(c.byteLength);
    }
  view.setUint32(size, crc32(bytes.subarray(0, size)));
  return bytes;
}

/** @throws AppError `corrupt_data` (checksum, shape) or `unsupported_version`. */
export function decodeSections(bytes: Uint8Array): Map<string, Section> {
  if (bytes.length < 16) throw new AppError('corrupt_data', 'a state segment is shorter than its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== MAGIC) throw new AppError('corrupt_data', 'not a state segment');
  const version = view.getUint32(4);
  if (version !== STATE_FORMAT_VERSION)
    throw new AppError('unsupported_version', `state segment format ${version} is not known to this version`, {
      context: { version },
    });
  const size = bytes.length - 4;
  if (view.getUint32(size) !== crc32(bytes.subarray(0, size)))
    throw new AppError('corrupt_data', 'a state segment fails its checksum');
  const length = view.getUint32(8);
  const directory = JSON.parse(new TextDecoder().decode(bytes.subarray(12, 12 + length))) as readonly {
    name: string;
    head: unknown;
    columns: readonly [Kind, number][];
  }[];
  let at = align(12 + length);
  const sections = new Map<string, Section>();
  for (const entry of directory) {
    const columns = entry.columns.map(([kind, count]) => {
      const bytesOf = kind === 'u8' ? count : kind === 'f64' ? count * 8 : count * 4;
      // A copy of its own: a Buffer's slice would share memory, and columns need their own alignment.
      const copy = Uint8Array.from(bytes.subarray(at, at + bytesOf)).buffer;
      at += align(bytesOf);
      return kind === 'u8'
        ? new Uint8Array(copy)
        : kind === 'i32'
          ? new Int32Array(copy)
          : kind === 'u32'
            ? new Uint32Array(copy)
            : new Float64Array(copy);
    });
    sections.set(entry.name, { name: entry.name, head: entry.head, columns });
  }
  return sections;
}

function align(size: number): number {
  return (size + 7) & ~7;
}

function kindOf(column: Column): Kind {
  if (column instanceof Uint8Array) return 'u8';
  if (column instanceof Int32Array) return 'i32';
  return column instanceof Uint32Array ? 'u32' : 'f64';
}
