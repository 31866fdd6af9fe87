import { invalid, isObject } from './json.ts';
import { type AvroPrimitive, type AvroType, describe } from './types.ts';

/** @throws AppError `bad_request` when the value can't stand for the type. Specification, table "field default values". */
export function checkDefault(type: AvroType, value: unknown, at: string): void {
  if (!fits(type, value)) throw invalid(at, `the default ${JSON.stringify(value)} is no ${describe(type)}`);
}

function fits(type: AvroType, value: unknown): boolean {
  switch (type.kind) {
    case 'primitive':
      return fitsPrimitive(type, value);
    case 'enum':
      return type.symbols.some((symbol) => symbol === value);
    case 'fixed':
      return isBytes(value) && value.length === type.size;
    case 'array':
      return Array.isArray(value) && value.every((item) => fits(type.items, item));
    case 'map':
      return isObject(value) && Object.values(value).every((item) => fits(type.values, item));
    case 'union':
      return type.branches[0] !== undefined && fits(type.branches[0], value);
    case 'record':
      return (
        isObject(value) &&
        type.fields.every((field) => (field.name in value ? fits(field.type, value[field.name]) : field.hasDefault))
      );
  }
}

function fitsPrimitive({ name }: AvroPrimitive, value: unknown): boolean {
  switch (name) {
    case 'null':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return Number.isInteger(value) && Number(value) === (Number(value) | 0);
    case 'long':
      return Number.isInteger(value);
    case 'float':
    case 'double':
      return typeof value === 'number';
    case 'bytes':
      return isBytes(value);
    case 'string':
      return typeof value === 'string';
  }
}

/** Bytes are written as text of code points 0 to 255. */
function isBytes(value: unknown): value is string {
  return typeof value === 'string' && [...value].every((char) => char.charCodeAt(0) <= 255);
}
