import type { AvroCursor } from './cursor.ts';
import type { AvroPrimitive, AvroRecord, AvroType } from './types.ts';

/** Moves the cursor past one value. */
export type Skip = (cursor: AvroCursor) => void;

/** How values of the type are passed over. */
export function skipOf(type: AvroType, known: Map<AvroRecord, Skip> = new Map()): Skip {
  switch (type.kind) {
    case 'primitive':
      return primitiveSkip(type);
    case 'enum':
      return (cursor) => void cursor.readLong();
    case 'fixed':
      return (cursor) => cursor.skip(type.size);
    case 'array':
      return blocksSkip(skipOf(type.items, known));
    case 'map': {
      const value = skipOf(type.values, known);
      return blocksSkip((cursor) => {
        cursor.skip(cursor.readSize());
        value(cursor);
      });
    }
    case 'union': {
      const branches = type.branches.map((branch) => skipOf(branch, known));
      return (cursor) => {
        const branch = branches[cursor.readSize()];
        if (branch === undefined) cursor.fail();
        else branch(cursor);
      };
    }
    case 'record':
      return recordSkip(type, known);
  }
}

function primitiveSkip({ name }: AvroPrimitive): Skip {
  switch (name) {
    case 'null':
      return () => {};
    case 'boolean':
      return (cursor) => cursor.skip(1);
    case 'int':
    case 'long':
      return (cursor) => void cursor.readLong();
    case 'float':
      return (cursor) => cursor.skip(4);
    case 'double':
      return (cursor) => cursor.skip(8);
    case 'bytes':
    case 'string':
      return (cursor) => cursor.skip(cursor.readSize());
  }
}

function recordSkip(type: AvroRecord, known: Map<AvroRecord, Skip>): Skip {
  const found = known.get(type);
  if (found !== undefined) return found;
  let fields: readonly Skip[] = [];
  const skip: Skip = (cursor) =>
    cursor.nested(() => {
      for (const field of fields) {
        if (cursor.bad) return;
        field(cursor);
      }
    });
  known.set(type, skip);
  fields = type.fields.map((field) => skipOf(field.type, known));
  return skip;
}

function blocksSkip(item: Skip): Skip {
  return (cursor) => readBlocks(cursor, () => {}, item);
}

/**
 * Reads the blocks of an array or map: `begin` gets the items of each, and 0 at the end.
 * Every item is at least as long as nothing: a count beyond the bytes that are left is only good for items of no bytes.
 */
export function readBlocks(cursor: AvroCursor, begin: (count: number) => void, item: Skip): void {
  for (;;) {
    let count = cursor.readLong();
    if (count < 0) {
      count = -count;
      cursor.readSize(); // of the block in bytes: the items tell it too
    }
    if (count > MOST_ITEMS) cursor.fail();
    if (cursor.bad) return;
    begin(count);
    if (count === 0) return;
    for (let i = 0; i < count && !cursor.bad; i++) item(cursor);
    if (cursor.bad) return;
  }
}

/** No record that may be on the log holds more. */
const MOST_ITEMS = 1_000_000;
