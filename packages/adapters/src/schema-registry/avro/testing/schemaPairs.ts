import avro from 'avsc';
import fc from 'fast-check';

export type Json = string | { readonly [key: string]: unknown } | readonly Json[];

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

/** A writer's schema and a reader's that mostly agrees with it. */
export const schemaPairs: fc.Arbitrary<{
  readonly reader: Json;
  readonly writer: Json;
  readonly isRecursive: boolean;
}> = fc.tuple(tree, fc.array(fc.tuple(fc.nat(8), tree), { maxLength: 2 })).map(([writer, edits]) => ({
  writer: toJson(writer),
  reader: toJson(mutated(writer, new Map(edits))),
  isRecursive: JSON.stringify(writer).includes('again'),
}));

function toJson(node: Tree): Json {
  return build(node, { counts: { R: 0, E: 0, F: 0 }, open: [] });
}

export function avscType(json: Json): avro.Type {
  return avro.Type.forSchema(structuredClone(json) as avro.Schema, { wrapUnions: true });
}
