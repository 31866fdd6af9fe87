import { AppError } from '@ebap/pipeline/errors';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fault of a schema that is none: `at` says where. */
export function invalid(at: string, what: string): AppError {
  return new AppError('bad_request', `This is no Avro schema: ${at}: ${what}`);
}

/** Whether lists and objects are nested deeper than `limit`. */
export function isDeeperThan(json: unknown, limit: number): boolean {
  let level = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return false;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function isName(text: unknown): text is string {
  return typeof text === 'string' && NAME.test(text);
}

/** Specification, "Names": a dotted name is full, another belongs to the namespace. */
export function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

export function namespaceOf(full: string): string {
  return full.slice(0, Math.max(0, full.lastIndexOf('.')));
}

/** The full name that a named type declares. @throws AppError `bad_request` */
export function declaredName(schema: JsonObject, enclosing: string, at: string): string {
  const { name, namespace } = schema;
  if (typeof name !== 'string') throw invalid(at, 'a named type lacks its name');
  const full = fullName(name, typeof namespace === 'string' ? namespace : enclosing);
  if (!full.split('.').every(isName)) throw invalid(at, `"${full}" is not a name`);
  return full;
}
