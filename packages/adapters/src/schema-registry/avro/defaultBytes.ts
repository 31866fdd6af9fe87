import { AppError } from '@ebap/pipeline/errors';
import type { AvroCursor } from './cursor.ts';
import { isObject } from './json.ts';
import type { AvroPrimitive, AvroType } from './types.ts';

const utf8 = new TextEncoder();

/** Writes a field's default, which `checkDefault` has found to fit, as data. */
export function writeDefault(out: AvroCursor, type: AvroType, value: unknown): void {
  switch (type.kind) {
    case 'primitive':
      writePrimitive(out, type, value);
      break;
    case 'enum':
      out.writeLong(type.symbols.indexOf(String(value)));
      break;
    case 'fixed':
      out.write(Buffer.from(String(value), 'latin1'));
      break;
    case 'union': {
      const [first] = type.branches;
      out.writeLong(0);
      if (first !== undefined) writeDefault(out, first, value);
      break;
    }
    case 'array':
      writeBlock(out, Array.isArray(value) ? value : [], (item) => writeDefault(out, type.items, item));
      break;
    case 'map':
      writeBlock(out, Object.entries(isObject(value) ? value : {}), ([key, item]) => {
        writeText(out, utf8.encode(key));
        writeDefault(out, type.values, item);
      });
      break;
    case 'record':
      for (const field of type.fields) {
        const given = isObject(value) && field.name in value ? value[field.name] : field.default;
        writeDefault(out, field.type, given);
      }
  }
}

function writePrimitive(out: AvroCursor, { name }: AvroPrimitive, value: unknown): void {
  switch (name) {
    case 'null':
      break;
    case 'boolean':
      out.write(Uint8Array.of(value === true ? 1 : 0));
      break;
    case 'int':
    case 'long':
      if (!Number.isSafeInteger(value))
        throw new AppError('bad_request', `the default ${String(value)} is beyond 2^53, which can't be read exactly`);
      out.writeLong(Number(value));
      break;
    case 'float':
      out.writeFloating(Number(value), 4);
      break;
    case 'double':
      out.writeFloating(Number(value), 8);
      break;
    case 'bytes':
      writeText(out, Buffer.from(String(value), 'latin1'));
      break;
    case 'string':
      writeText(out, utf8.encode(String(value)));
      break;
  }
}

function writeText(out: AvroCursor, bytes: Uint8Array): void {
  out.writeLong(bytes.length);
  out.write(bytes);
}

function writeBlock<T>(out: AvroCursor, items: readonly T[], write: (item: T) => void): void {
  if (items.length > 0) out.writeLong(items.length);
  for (const item of items) write(item);
  out.writeLong(0);
}
