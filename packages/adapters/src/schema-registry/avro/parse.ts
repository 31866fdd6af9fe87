import { checkDefault } from './defaults.ts';
import {
  declaredName,
  fullName,
  invalid,
  isDeeperThan,
  isName,
  isObject,
  type JsonObject,
  namespaceOf,
} from './json.ts';
import {
  type AvroEnum,
  type AvroField,
  type AvroFixed,
  type AvroRecord,
  type AvroType,
  type Logical,
  PRIMITIVES,
  type PrimitiveName,
} from './types.ts';

/** Of JSON, a record being three levels: far beyond any schema of a person's, and within the stack. */
const MAX_NESTING = 300;

/** Named types seen so far, by full name. */
type Names = Map<string, AvroType>;

/** @throws AppError `bad_request` when the text is not a valid Avro schema, with where and why. */
export function parseSchema(text: string): AvroType {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid('the text', error instanceof Error ? error.message : 'no JSON');
  }
  if (isDeeperThan(json, MAX_NESTING)) throw invalid('the schema', `it is nested deeper than ${MAX_NESTING} levels`);
  return parseType(json, '', new Map(), 'the schema');
}

export function isPrimitiveName(name: unknown): name is PrimitiveName {
  return PRIMITIVES.some((primitive) => primitive === name);
}

function parseType(json: unknown, namespace: string, names: Names, at: string): AvroType {
  if (typeof json === 'string') return parseReference(json, namespace, names, at);
  if (Array.isArray(json)) return parseUnion(json, namespace, names, at);
  if (!isObject(json)) throw invalid(at, 'a type is a name, an object or a list');
  const { type } = json;
  if (isPrimitiveName(type)) return { kind: 'primitive', name: type, logical: parseLogical(json) };
  switch (type) {
    case 'array':
      return { kind: 'array', items: parseType(json.items, namespace, names, `${at}/items`) };
    case 'map':
      return { kind: 'map', values: parseType(json.values, namespace, names, `${at}/values`) };
    case 'record':
    case 'error':
      return parseRecord(json, namespace, names, at);
    case 'enum':
      return parseEnum(json, namespace, names, at);
    case 'fixed':
      return parseFixed(json, namespace, names, at);
    default:
      return parseType(type, namespace, names, at); // { "type": <any type> }
  }
}

function parseReference(name: string, namespace: string, names: Names, at: string): AvroType {
  if (isPrimitiveName(name)) return { kind: 'primitive', name, logical: null };
  const found = names.get(fullName(name, namespace));
  if (found === undefined) throw invalid(at, `the type "${name}" is not defined before it is used`);
  return found;
}

function parseUnion(list: readonly unknown[], namespace: string, names: Names, at: string): AvroType {
  const branches = list.map((item, i) => parseType(item, namespace, names, `${at}/${i}`));
  const seen = new Set<string>();
  for (const branch of branches) {
    if (branch.kind === 'union') throw invalid(at, 'a union may not contain a union');
    const id = 'name' in branch ? branch.name : branch.kind;
    if (seen.has(id)) throw invalid(at, `a union may hold ${id} only once`);
    seen.add(id);
  }
  return { kind: 'union', branches };
}

function register(type: AvroRecord | AvroEnum | AvroFixed, names: Names, at: string): void {
  if (isPrimitiveName(type.name)) throw invalid(at, `"${type.name}" is a primitive type`);
  if (names.has(type.name)) throw invalid(at, `"${type.name}" is defined twice`);
  names.set(type.name, type);
}

function parseRecord(json: JsonObject, enclosing: string, names: Names, at: string): AvroRecord {
  const name = declaredName(json, enclosing, at);
  const namespace = namespaceOf(name);
  const aliases = parseAliases(json, at).map((alias) => fullName(alias, namespace));
  const record: AvroRecord = { kind: 'record', name, aliases, fields: [] };
  register(record, names, at);
  if (!Array.isArray(json.fields)) throw invalid(at, `record ${name} lacks its fields`);
  record.fields = json.fields.map((field: unknown) => parseField(field, namespace, names, `${at}/fields`));
  const fieldNames = record.fields.map((field) => field.name);
  const twice = fieldNames.find((field, i) => fieldNames.indexOf(field) !== i);
  if (twice !== undefined) throw invalid(at, `record ${name} has the field ${twice} twice`);
  // Only now: a default may be a value of the record that is being defined.
  json.fields.forEach((field: unknown, i) => {
    const type = record.fields[i]?.type;
    if (isObject(field) && 'default' in field && type !== undefined)
      checkDefault(type, field.default, `${at}/fields/${fieldNames[i]}`);
  });
  return record;
}

function parseField(json: unknown, namespace: string, names: Names, at: string): AvroField {
  if (!isObject(json) || !isName(json.name)) throw invalid(at, 'a field lacks its name');
  return {
    name: json.name,
    aliases: parseAliases(json, at),
    type: parseType(json.type, namespace, names, `${at}/${json.name}`),
    hasDefault: 'default' in json,
    default: json.default,
  };
}

function parseEnum(json: JsonObject, enclosing: string, names: Names, at: string): AvroEnum {
  const name = declaredName(json, enclosing, at);
  const aliases = parseAliases(json, at).map((alias) => fullName(alias, namespaceOf(name)));
  const { symbols } = json;
  if (!Array.isArray(symbols) || !symbols.every(isName)) throw invalid(at, `enum ${name} lacks its symbols`);
  if (new Set(symbols).size !== symbols.length) throw invalid(at, `enum ${name} has a symbol twice`);
  const fallback = symbols.find((symbol) => symbol === json.default) ?? null;
  if ('default' in json && fallback === null) throw invalid(at, `the default of enum ${name} is not among its symbols`);
  const type: AvroEnum = { kind: 'enum', name, aliases, symbols, default: fallback };
  register(type, names, at);
  return type;
}

function parseFixed(json: JsonObject, enclosing: string, names: Names, at: string): AvroFixed {
  const name = declaredName(json, enclosing, at);
  const aliases = parseAliases(json, at).map((alias) => fullName(alias, namespaceOf(name)));
  const { size } = json;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid(at, `fixed ${name} lacks its size`);
  const type: AvroFixed = { kind: 'fixed', name, aliases, size, logical: parseLogical(json) };
  register(type, names, at);
  return type;
}

function parseAliases(json: JsonObject, at: string): readonly string[] {
  const { aliases = [] } = json;
  if (!Array.isArray(aliases) || !aliases.every((alias) => typeof alias === 'string'))
    throw invalid(at, 'aliases are a list of names');
  return aliases;
}

function parseLogical({ logicalType, precision, scale }: JsonObject): Logical | null {
  if (typeof logicalType !== 'string') return null;
  return {
    name: logicalType,
    precision: typeof precision === 'number' ? precision : null,
    scale: typeof scale === 'number' ? scale : 0,
  };
}
