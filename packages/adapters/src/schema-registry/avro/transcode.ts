import { AvroCursor } from './cursor.ts';
import { writeDefault } from './defaultBytes.ts';
import { readBlocks, type Skip, skipOf } from './skip.ts';
import type { AvroEnum, AvroField, AvroPrimitive, AvroRecord, AvroType, PrimitiveName } from './types.ts';

/**
 * Rewrites one value, `bytes[start, end)`, as the reader's schema would have written it. The result is a view that is
 * good until the next call; null if the bytes are not what the writer's schema says. A symbol that the reader's enum
 * lacks, and has no default for, becomes the index after its last symbol.
 */
export type Transcode = (bytes: Uint8Array, start: number, end: number) => Uint8Array | null;

/** Null if the reader can't make anything of what the writer wrote. Specification, "Schema Resolution". */
export function transcoder(reader: AvroType, writer: AvroType): Transcode | null {
  const step = new Resolution().resolve(reader, writer);
  if (step === null) return null;
  const cursor = new AvroCursor();
  return (bytes, start, end) => {
    cursor.begin(bytes, start, end);
    step(cursor);
    return cursor.bad || cursor.at !== end ? null : cursor.written;
  };
}

/** Reads one value of the writer's and writes it as the reader's. */
type Step = Skip;

const COPIED: readonly (readonly PrimitiveName[])[] = [
  ['int', 'long'],
  ['bytes', 'string'],
];

/** Steps per pair of types; recursive records refer to the step that is being made. */
class Resolution {
  readonly #records = new Map<AvroRecord, Map<AvroRecord, Step>>();

  resolve(reader: AvroType, writer: AvroType): Step | null {
    if (writer.kind === 'union') return this.#fromUnion(reader, writer.branches);
    if (reader.kind === 'union') return this.#intoUnion(reader.branches, writer);
    if (reader.kind === 'primitive' && writer.kind === 'primitive') return primitiveStep(reader, writer);
    if (reader.kind === 'array' && writer.kind === 'array') return this.#items(reader.items, writer.items, false);
    if (reader.kind === 'map' && writer.kind === 'map') return this.#items(reader.values, writer.values, true);
    if (!('name' in reader && 'name' in writer) || !isSameName(reader, writer)) return null;
    if (reader.kind === 'enum' && writer.kind === 'enum') return enumStep(reader, writer);
    if (reader.kind === 'fixed' && writer.kind === 'fixed') return reader.size === writer.size ? copied(writer) : null;
    if (reader.kind === 'record' && writer.kind === 'record') return this.#record(reader, writer);
    return null;
  }

  /** A branch that can't be read spoils only the values that use it; one at least must be readable. */
  #fromUnion(reader: AvroType, branches: readonly AvroType[]): Step | null {
    const steps = branches.map((branch) => this.resolve(reader, branch));
    if (steps.every((step) => step === null)) return null;
    return (cursor) => {
      const step = steps[cursor.readSize()];
      if (step === undefined || step === null || cursor.bad) cursor.fail();
      else step(cursor);
    };
  }

  /** The branch of the same type, else the first that can be read. */
  #intoUnion(branches: readonly AvroType[], writer: AvroType): Step | null {
    const order = [...branches.keys()].sort((a, b) => rank(branches[a], writer) - rank(branches[b], writer) || a - b);
    for (const index of order) {
      const branch = branches[index];
      const step = branch === undefined ? null : this.resolve(branch, writer);
      if (step === null) continue;
      return (cursor) => {
        cursor.writeLong(index);
        step(cursor);
      };
    }
    return null;
  }

  #items(reader: AvroType, writer: AvroType, isMap: boolean): Step | null {
    const value = this.resolve(reader, writer);
    if (value === null) return null;
    const item: Step = isMap ? (cursor) => withKey(cursor, value) : value;
    return (cursor) => readBlocks(cursor, (count) => cursor.writeLong(count), item);
  }

  #record(reader: AvroRecord, writer: AvroRecord): Step | null {
    const byWriter = this.#records.get(reader) ?? new Map<AvroRecord, Step>();
    this.#records.set(reader, byWriter);
    const found = byWriter.get(writer);
    if (found !== undefined) return found;
    let step: Step = (cursor) => cursor.fail();
    byWriter.set(writer, (cursor) => cursor.nested(() => step(cursor)));
    const made = this.#fields(reader, writer);
    if (made === null) byWriter.delete(writer);
    else step = made;
    return made;
  }

  /** Finds where the writer's fields begin, then writes the reader's in their order. */
  #fields(reader: AvroRecord, writer: AvroRecord): Step | null {
    const skips = writer.fields.map((field) => skipOf(field.type));
    const writes: ((cursor: AvroCursor, starts: readonly number[]) => void)[] = [];
    for (const field of reader.fields) {
      const write = this.#field(field, writer);
      if (write === null) return null;
      writes.push(write);
    }
    return (cursor) => {
      const starts = skips.map((skip) => {
        const start = cursor.at;
        skip(cursor);
        return start;
      });
      const end = cursor.at;
      for (const write of writes) {
        if (cursor.bad) return;
        write(cursor, starts);
      }
      cursor.at = end;
    };
  }

  #field(field: AvroField, writer: AvroRecord): ((cursor: AvroCursor, starts: readonly number[]) => void) | null {
    const names = [field.name, ...field.aliases];
    const index = writer.fields.findIndex(({ name }) => names.includes(name));
    const source = writer.fields[index];
    if (source === undefined) {
      if (!field.hasDefault) return null;
      const cursor = new AvroCursor();
      writeDefault(cursor, field.type, field.default);
      const bytes = cursor.written.slice();
      return (to) => to.write(bytes);
    }
    const step = this.resolve(field.type, source.type);
    if (step === null) return null;
    return (cursor, starts) => {
      cursor.at = starts[index] ?? cursor.limit;
      step(cursor);
    };
  }
}

/** As it was written. */
function copied(writer: AvroType): Step {
  const skip = skipOf(writer);
  return (cursor) => {
    const from = cursor.at;
    skip(cursor);
    if (!cursor.bad) cursor.copySince(from);
  };
}

function primitiveStep(reader: AvroPrimitive, writer: AvroPrimitive): Step | null {
  if (isOtherMeaning(reader, writer)) return null;
  const isNarrower = reader.name === 'int' && writer.name === 'long';
  if (reader.name === writer.name) return copied(writer);
  if (!isNarrower && COPIED.some((same) => same.includes(reader.name) && same.includes(writer.name)))
    return copied(writer);
  const size = reader.name === 'float' ? 4 : reader.name === 'double' ? 8 : null;
  if (size === null) return null;
  if (writer.name === 'int' || writer.name === 'long') return (cursor) => cursor.writeFloating(cursor.readLong(), size);
  if (writer.name !== 'float' || size !== 8) return null;
  return (cursor) => cursor.writeFloating(cursor.readFloat(), size);
}

/** A logical type may be added or dropped, not exchanged: the bytes would be read as something else. */
function isOtherMeaning({ logical: a }: AvroPrimitive, { logical: b }: AvroPrimitive): boolean {
  return a !== null && b !== null && (a.name !== b.name || a.scale !== b.scale || a.precision !== b.precision);
}

function enumStep(reader: AvroEnum, writer: AvroEnum): Step {
  const unknown = reader.default === null ? reader.symbols.length : reader.symbols.indexOf(reader.default);
  const indexes = writer.symbols.map((symbol) => {
    const index = reader.symbols.indexOf(symbol);
    return index < 0 ? unknown : index;
  });
  return (cursor) => {
    const index = indexes[cursor.readSize()];
    if (index === undefined) cursor.fail();
    else cursor.writeLong(index);
  };
}

function withKey(cursor: AvroCursor, value: Step): void {
  const from = cursor.at;
  cursor.skip(cursor.readSize());
  if (cursor.bad) return;
  cursor.copySince(from);
  value(cursor);
}

function isSameName(reader: { readonly name: string }, writer: { readonly name: string }): boolean {
  return (
    reader.name === writer.name || ('aliases' in reader && (reader.aliases as readonly string[]).includes(writer.name))
  );
}

/** 0 for the very type, 1 for another of its kind. */
function rank(branch: AvroType | undefined, writer: AvroType): number {
  if (branch === undefined || branch.kind !== writer.kind) return 1;
  return !('name' in branch && 'name' in writer) || branch.name === writer.name ? 0 : 1;
}
