import { declaredName, fullName, isObject, type JsonObject, namespaceOf } from './json.ts';
import { isPrimitiveName, parseSchema } from './parse.ts';

/** First the attributes of the specification's Parsing Canonical Form, in its order; all others follow by name. */
const ORDER = ['name', 'type', 'fields', 'symbols', 'items', 'values', 'size'];
const NAMED = new Set(['record', 'error', 'enum', 'fixed']);

/**
 * One text for schemas that differ in form only: full names instead of namespaces, no white space, attributes in a
 * fixed order, `{"type":"string"}` as `"string"`. Unlike the specification's Parsing Canonical Form it keeps defaults,
 * aliases, logical types, docs and properties: they decide what readers do, so they are part of a schema's identity.
 * @throws AppError `bad_request` when the text is not a valid Avro schema.
 */
export function canonicalSchema(text: string): string {
  parseSchema(text);
  return JSON.stringify(canonicalType(JSON.parse(text), ''));
}

function canonicalType(json: unknown, namespace: string): unknown {
  if (typeof json === 'string') return isPrimitiveName(json) ? json : fullName(json, namespace);
  if (Array.isArray(json)) return json.map((branch: unknown) => canonicalType(branch, namespace));
  if (!isObject(json)) return json;
  const { type } = json;
  if (typeof type === 'string' && NAMED.has(type)) return canonicalNamed(json, namespace);
  if (Object.keys(json).length === 1) return canonicalType(type, namespace);
  const changes: Record<string, unknown> = {};
  if (type === 'array') changes.items = canonicalType(json.items, namespace);
  else if (type === 'map') changes.values = canonicalType(json.values, namespace);
  else changes.type = canonicalType(type, namespace);
  return ordered({ ...json, ...changes });
}

function canonicalNamed(json: JsonObject, enclosing: string): unknown {
  const name = declaredName(json, enclosing, 'the schema');
  const space = namespaceOf(name);
  const { namespace: _, aliases, ...rest } = json;
  const named: Record<string, unknown> = { ...rest, name };
  if (Array.isArray(aliases)) named.aliases = aliases.map((alias: unknown) => fullName(String(alias), space)).sort();
  if (Array.isArray(json.fields))
    named.fields = json.fields.map((field: unknown) =>
      isObject(field) ? ordered({ ...field, type: canonicalType(field.type, space) }) : field,
    );
  return ordered(named);
}

function ordered(json: JsonObject): JsonObject {
  const rest = Object.keys(json).filter((key) => !ORDER.includes(key));
  const keys = [...ORDER.filter((key) => key in json), ...rest.sort()];
  return Object.fromEntries(keys.map((key) => [key, sortedDeep(key, json[key])]));
}

/** Structured attributes of other tools (and defaults) by sorted keys; types have been ordered already. */
function sortedDeep(key: string, value: unknown): unknown {
  return ORDER.includes(key) ? value : sorted(value);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
