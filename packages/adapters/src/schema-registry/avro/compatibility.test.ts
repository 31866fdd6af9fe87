import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compatibilityFaults, parseSchema } from './index.ts';

type Json = string | { readonly [key: string]: unknown } | readonly Json[];

function faults(reader: unknown, writer: unknown): readonly string[] {
  return compatibilityFaults(parseSchema(JSON.stringify(reader)), parseSchema(JSON.stringify(writer)));
}

const record = (fields: readonly unknown[], more = {}) => ({ type: 'record', name: 'R', fields, ...more });
const field = (name: string, type: unknown, more = {}) => ({ name, type, ...more });
const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale });

describe('what a reader can read', () => {
  test.each([
    ['int as long', 'long', 'int'],
    ['long as double', 'double', 'long'],
    ['bytes as string', 'string', 'bytes'],
    ['a type as a union that has it', ['null', 'string'], 'string'],
    ['a union whose every branch fits', 'double', ['int', 'float']],
    ['fewer symbols', { type: 'enum', name: 'E', symbols: ['A', 'B'] }, { type: 'enum', name: 'E', symbols: ['B'] }],
    [
      'unknown symbols, given a default',
      { type: 'enum', name: 'E', symbols: ['A'], default: 'A' },
      { type: 'enum', name: 'E', symbols: ['A', 'B'] },
    ],
    ['a record without a field that has a default', record([field('a', 'int', { default: 0 })]), record([])],
    ['a record with a field too many', record([]), record([field('a', 'int')])],
    ['a field by its alias', record([field('b', 'long', { aliases: ['a'] })]), record([field('a', 'int')])],
    ['a record by its alias', record([], { name: 'S', aliases: ['R'] }), record([])],
    ['a namespace that both mean', record([], { name: 'x.R' }), record([], { namespace: 'x' })],
    ['maps and arrays of what fits', { type: 'map', values: 'long' }, { type: 'map', values: 'int' }],
    ['a logical type on a plain one', { type: 'long', logicalType: 'timestamp-millis' }, 'long'],
    ['a plain type on a logical one', 'long', { type: 'long', logicalType: 'timestamp-millis' }],
    ['the same decimal', decimal(18, 4), decimal(18, 4)],
  ])('%s', (_, reader, writer) => {
    expect(faults(reader, writer)).toEqual([]);
  });

  test('a type that contains itself', () => {
    const list = (value: string) => record([field('value', value), field('next', ['null', 'R'], { default: null })]);
    expect(faults(list('long'), list('int'))).toEqual([]);
    expect(faults(list('int'), list('long'))).toEqual(["value: int can't read what was written as long"]);
  });
});

describe('what a reader can not read, and why', () => {
  test.each([
    ['long as int', 'int', 'long', "the schema: int can't read what was written as long"],
    [
      'a new field without a default',
      record([field('a', 'int')]),
      record([]),
      'a: the field is new and has no default',
    ],
    [
      'a lost symbol',
      { type: 'enum', name: 'E', symbols: ['A'] },
      { type: 'enum', name: 'E', symbols: ['A', 'B', 'C'] },
      'the schema: enum E lacks the symbols B, C and has no default',
    ],
    [
      'another size',
      { type: 'fixed', name: 'F', size: 4 },
      { type: 'fixed', name: 'F', size: 8 },
      'the schema: fixed F has 4 bytes, written were 8',
    ],
    [
      'another name',
      record([], { name: 'x.R' }),
      record([], { name: 'y.R' }),
      'the schema: record x.R has another name than the written record y.R, and no alias for it',
    ],
    [
      'a union branch that nobody reads',
      record([field('a', 'string')]),
      record([field('a', ['null', 'string'])]),
      "a: string can't read what was written as null (written as null of a union)",
    ],
    [
      'a type outside the union',
      ['null', 'int'],
      'string',
      'the schema: no branch of the union of null, int reads string',
    ],
    [
      'two sources for one field',
      record([field('a', 'int', { aliases: ['b'] })]),
      record([field('a', 'int'), field('b', 'int')]),
      'a: several written fields match its name and aliases: a, b',
    ],
    [
      'an exchanged logical type',
      { type: 'long', logicalType: 'timestamp-micros' },
      { type: 'long', logicalType: 'timestamp-millis' },
      'the schema: the logical type timestamp-micros reads what was written as timestamp-millis',
    ],
    [
      'another scale',
      decimal(18, 2),
      decimal(18, 4),
      'the schema: decimal(18, 2) reads what was written as decimal(18, 4)',
    ],
    [
      'a fault deep inside',
      record([field('a', ['null', { type: 'array', items: record([field('b', 'int')], { name: 'S' }) }])]),
      record([field('a', { type: 'array', items: record([field('b', 'string')], { name: 'S' }) })]),
      "a/items/b: int can't read what was written as string",
    ],
  ])('%s', (_, reader, writer, reason) => {
    expect(faults(reader, writer)).toEqual([reason]);
  });
});

describe('deep schemas', () => {
  const nested = (levels: number, leaf: unknown): unknown =>
    levels === 0 ? leaf : ['null', { type: 'array', items: nested(levels - 1, leaf) }];

  test('the fault at the bottom of many unions is found as fast as that of few', () => {
    expect(faults(nested(100, 'long'), nested(100, 'int'))).toEqual([]);
    expect(faults(nested(100, 'int'), nested(100, 'string'))).toHaveLength(1);
  });

  test('a schema that no stack could hold is refused', () => {
    const text = `${'{"type":"array","items":'.repeat(20_000)}"int"${'}'.repeat(20_000)}`;
    expect(() => parseSchema(text)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});

// Trees become schemas whose n-th record is R<n> and so on, so that names meet although the trees differ.
type Tree =
  | { readonly kind: 'leaf'; readonly type: string }
  | { readonly kind: 'again' }
  | { readonly kind: 'enum'; readonly symbols: number; readonly hasDefault: boolean; readonly alias: number | null }
  | { readonly kind: 'fixed'; readonly size: number; readonly alias: number | null }
  | { readonly kind: 'array' | 'map'; readonly of: Tree }
  | { readonly kind: 'union'; readonly of: readonly Tree[] }
  | { readonly kind: 'record'; readonly fields: readonly FieldTree[]; readonly alias: number | null };

interface FieldTree {
  readonly name: string;
  readonly type: Tree;
  readonly isOptional: boolean;
  readonly alias: string | null;
}

const alias = fc.option(fc.nat(2), { freq: 4 });
const fieldName = fc.constantFrom('a', 'b', 'c');
const { tree } = fc.letrec<{ tree: Tree; leaf: Tree; node: Tree }>((tie) => ({
  leaf: fc.oneof(
    fc.record({
      kind: fc.constant('leaf' as const),
      type: fc.constantFrom('null', 'int', 'long', 'double', 'string', 'bytes', 'boolean', 'float'),
    }),
    fc.record({
      kind: fc.constant('enum' as const),
      symbols: fc.integer({ min: 1, max: 3 }),
      hasDefault: fc.boolean(),
      alias,
    }),
    fc.record({ kind: fc.constant('fixed' as const), size: fc.integer({ min: 1, max: 2 }), alias }),
    fc.record({ kind: fc.constant('again' as const) }),
  ),
  node: fc.oneof(
    fc.record({ kind: fc.constantFrom('array' as const, 'map' as const), of: tie('tree') }),
    fc.record({ kind: fc.constant('union' as const), of: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
    fc.record({
      kind: fc.constant('record' as const),
      alias,
      fields: fc.uniqueArray(
        fc.record({
          name: fieldName,
          type: tie('tree'),
          isOptional: fc.boolean(),
          alias: fc.option(fieldName, { freq: 6 }),
        }),
        { maxLength: 3, selector: ({ name }) => name },
      ),
    }),
  ),
  tree: fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie('leaf'), tie('node')),
}));

interface Building {
  counts: { R: number; E: number; F: number };
  readonly open: readonly string[];
}

function build(node: Tree, at: Building): Json {
  switch (node.kind) {
    case 'leaf':
      return node.type;
    case 'again':
      return at.open.at(-1) ?? 'string';
    case 'array':
      return { type: 'array', items: build(node.of, at) };
    case 'map':
      return { type: 'map', values: build(node.of, at) };
    case 'fixed': {
      const name = `F${at.counts.F++}`;
      return { type: 'fixed', name, size: node.size, ...aliases('F', node.alias, name) };
    }
    case 'enum': {
      const name = `E${at.counts.E++}`;
      const symbols = ['X', 'Y', 'Z'].slice(0, node.symbols);
      return {
        type: 'enum',
        name,
        symbols,
        ...(node.hasDefault ? { default: 'X' } : {}),
        ...aliases('E', node.alias, name),
      };
    }
    case 'union':
      return unionOf(node.of.map((branch) => build(branch, at)));
    case 'record': {
      const name = `R${at.counts.R++}`;
      const inner = { counts: at.counts, open: [...at.open, name] };
      return {
        type: 'record',
        name,
        ...aliases('R', node.alias, name),
        fields: node.fields.map((f) => buildField(f, inner)),
      };
    }
  }
}

function aliases(prefix: string, of: number | null, name: string): { readonly aliases?: readonly string[] } {
  return of === null || `${prefix}${of}` === name ? {} : { aliases: [`${prefix}${of}`] };
}

/** Only nulls and lists have an easy default. */
function buildField({ name, type, isOptional, alias: other }: FieldTree, at: Building): Json {
  const built = build(type, at);
  const first = Array.isArray(built) ? built[0] : built;
  const easy = first === 'null' ? { default: null } : isArrayType(first) ? { default: [] } : {};
  return {
    name,
    type: built,
    ...(isOptional ? easy : {}),
    ...(other === null || other === name ? {} : { aliases: [other] }),
  };
}

function isArrayType(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'type' in json && json.type === 'array';
}

function unionOf(branches: readonly Json[]): Json {
  const seen = new Set<string>();
  const flat = branches.flatMap((branch) => (Array.isArray(branch) ? (branch as Json[]) : [branch]));
  return flat.filter((branch) => {
    const named = typeof branch === 'object' && 'name' in branch ? branch.name : undefined;
    const id = String(named ?? (typeof branch === 'object' && 'type' in branch ? branch.type : branch));
    return !seen.has(id) && seen.add(id);
  });
}

/** The tree with some of its nodes replaced, so that most of the two schemas agrees. */
function mutated(node: Tree, edits: ReadonlyMap<number, Tree>, counter = { n: 0 }): Tree {
  const edit = edits.get(counter.n++);
  if (edit !== undefined) return edit;
  if (node.kind === 'array' || node.kind === 'map') return { ...node, of: mutated(node.of, edits, counter) };
  if (node.kind === 'union') return { ...node, of: node.of.map((branch) => mutated(branch, edits, counter)) };
  if (node.kind !== 'record') return node;
  return { ...node, fields: node.fields.map((f) => ({ ...f, type: mutated(f.type, edits, counter) })) };
}

const pair = fc
  .tuple(tree, fc.array(fc.tuple(fc.nat(8), tree), { maxLength: 2 }))
  .map(([writer, edits]) => ({ writer, reader: mutated(writer, new Map(edits)) }));

function toJson(node: Tree): Json {
  return build(node, { counts: { R: 0, E: 0, F: 0 }, open: [] });
}

function avscType(json: Json): avro.Type {
  return avro.Type.forSchema(structuredClone(json) as avro.Schema, { wrapUnions: true });
}

function avscReads(reader: Json, writer: Json): boolean {
  const [readerType, writerType] = [avscType(reader), avscType(writer)];
  try {
    readerType.createResolver(writerType);
    return true;
  } catch {
    return false;
  }
}

describe('against avsc', () => {
  test('a pair is compatible exactly when avsc finds a resolver', () => {
    const seen = { compatible: 0, incompatible: 0 };
    fc.assert(
      fc.property(pair, (trees) => {
        const [reader, writer] = [toJson(trees.reader), toJson(trees.writer)];
        const isCompatible = faults(reader, writer).length === 0;
        seen[isCompatible ? 'compatible' : 'incompatible']++;
        expect({ reader, writer, isCompatible }).toEqual({ reader, writer, isCompatible: avscReads(reader, writer) });
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(seen.compatible, seen.incompatible)).toBeGreaterThan(300);
  });

  test('a schema that is compatible reads what was written', () => {
    fc.assert(
      fc.property(pair, (trees) => {
        const [reader, writer] = [toJson(trees.reader), toJson(trees.writer)];
        fc.pre(faults(reader, writer).length === 0 && !JSON.stringify(trees.writer).includes('again'));
        const [readerType, writerType] = [avscType(reader), avscType(writer)];
        const resolver = readerType.createResolver(writerType);
        // Types that contain themselves are left out: random values of them may not end.
        readerType.fromBuffer(writerType.toBuffer(writerType.random()), resolver);
      }),
      { numRuns: 300 },
    );
  });
});
