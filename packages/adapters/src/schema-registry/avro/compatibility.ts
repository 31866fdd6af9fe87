import {
  type AvroEnum,
  type AvroField,
  type AvroFixed,
  type AvroPrimitive,
  type AvroRecord,
  type AvroType,
  describe,
  type Logical,
  type PrimitiveName,
} from './types.ts';

type Faults = readonly string[];
const NONE: Faults = [];

/** What a reader of the key may find written. Specification, "Schema Resolution". */
const READS: Readonly<Record<PrimitiveName, readonly PrimitiveName[]>> = {
  null: ['null'],
  boolean: ['boolean'],
  int: ['int'],
  long: ['int', 'long'],
  float: ['int', 'long', 'float'],
  double: ['int', 'long', 'float', 'double'],
  bytes: ['bytes', 'string'],
  string: ['string', 'bytes'],
};

/**
 * Why data written with `writer` can't be read with `reader`: one sentence per fault, with the place in the reader's
 * schema; none if all of it can be read. Names match as full names or by the reader's aliases.
 */
export function compatibilityFaults(reader: AvroType, writer: AvroType): Faults {
  return new Resolution().faults(reader, writer, '');
}

/** One comparison. Pairs of records under way are taken as compatible: recursive types refer to themselves. */
class Resolution {
  readonly #known = new Map<AvroRecord, Map<AvroRecord, Faults>>();
  /** Records found compatible, in order: what rested on one that turns out not to be must be looked at again. */
  readonly #trail: { readonly reader: AvroRecord; readonly writer: AvroRecord }[] = [];

  faults(reader: AvroType, writer: AvroType, at: string): Faults {
    if (writer.kind === 'union') return this.#fromUnion(reader, writer.branches, at);
    if (reader.kind === 'union') return this.#intoUnion(reader.branches, writer, at);
    if (reader.kind === 'primitive' && writer.kind === 'primitive') return primitiveFaults(reader, writer, at);
    if (reader.kind === 'array' && writer.kind === 'array')
      return this.faults(reader.items, writer.items, `${at}/items`);
    if (reader.kind === 'map' && writer.kind === 'map')
      return this.faults(reader.values, writer.values, `${at}/values`);
    if (reader.kind === 'enum' && writer.kind === 'enum') return enumFaults(reader, writer, at);
    if (reader.kind === 'fixed' && writer.kind === 'fixed') return fixedFaults(reader, writer, at);
    if (reader.kind === 'record' && writer.kind === 'record') return this.#recordFaults(reader, writer, at);
    return mismatch(reader, writer, at);
  }

  /** Whatever was written, the reader must understand it. */
  #fromUnion(reader: AvroType, branches: readonly AvroType[], at: string): Faults {
    return branches.flatMap((branch) =>
      this.faults(reader, branch, at).map((fault) => `${fault} (written as ${describe(branch)} of a union)`),
    );
  }

  #intoUnion(branches: readonly AvroType[], writer: AvroType, at: string): Faults {
    // Where one branch is meant, its own faults say more than that none fits.
    let meant: Faults | null = null;
    for (const branch of branches) {
      const faults = this.faults(branch, writer, at);
      if (faults.length === 0) return NONE;
      const isMeant = branch.kind !== 'primitive' && branch.kind === writer.kind && sameName(branch, writer);
      if (isMeant) meant ??= faults;
    }
    if (meant !== null) return meant;
    return [`${place(at)}: no branch of the union of ${branches.map(describe).join(', ')} reads ${describe(writer)}`];
  }

  #recordFaults(reader: AvroRecord, writer: AvroRecord, at: string): Faults {
    if (!sameName(reader, writer)) return [nameFault(reader, writer, at)];
    const byWriter = this.#known.get(reader) ?? new Map<AvroRecord, Faults>();
    this.#known.set(reader, byWriter);
    const known = byWriter.get(writer);
    if (known !== undefined) return known;
    byWriter.set(writer, NONE);
    const start = this.#trail.push({ reader, writer });
    const faults = reader.fields.flatMap((field) => this.#fieldFaults(field, writer, `${at}/${field.name}`));
    if (faults.length > 0) {
      for (const rested of this.#trail.splice(start - 1)) this.#known.get(rested.reader)?.delete(rested.writer);
      byWriter.set(writer, faults);
    }
    return faults;
  }

  #fieldFaults(field: AvroField, writer: AvroRecord, at: string): Faults {
    const names = [field.name, ...field.aliases];
    const sources = writer.fields.filter(({ name }) => names.includes(name));
    const [source] = sources;
    if (sources.length > 1) {
      const found = sources.map(({ name }) => name).join(', ');
      return [`${place(at)}: several written fields match its name and aliases: ${found}`];
    }
    if (source !== undefined) return this.faults(field.type, source.type, at);
    return field.hasDefault ? NONE : [`${place(at)}: the field is new and has no default`];
  }
}

function primitiveFaults(reader: AvroPrimitive, writer: AvroPrimitive, at: string): Faults {
  if (!READS[reader.name].includes(writer.name)) return mismatch(reader, writer, at);
  return logicalFaults(reader.logical, writer.logical, at);
}

function enumFaults(reader: AvroEnum, writer: AvroEnum, at: string): Faults {
  if (!sameName(reader, writer)) return [nameFault(reader, writer, at)];
  const lost = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
  if (lost.length === 0 || reader.default !== null) return NONE;
  return [`${place(at)}: enum ${reader.name} lacks the symbols ${lost.join(', ')} and has no default`];
}

function fixedFaults(reader: AvroFixed, writer: AvroFixed, at: string): Faults {
  if (!sameName(reader, writer)) return [nameFault(reader, writer, at)];
  if (reader.size !== writer.size)
    return [`${place(at)}: fixed ${reader.name} has ${reader.size} bytes, written were ${writer.size}`];
  return logicalFaults(reader.logical, writer.logical, at);
}

/** A logical type may be added or dropped, not exchanged: the bytes would be read as something else. */
function logicalFaults(reader: Logical | null, writer: Logical | null, at: string): Faults {
  if (reader === null || writer === null) return NONE;
  if (reader.name !== writer.name)
    return [`${place(at)}: the logical type ${reader.name} reads what was written as ${writer.name}`];
  if (reader.name !== 'decimal' || (reader.scale === writer.scale && reader.precision === writer.precision))
    return NONE;
  return [
    `${place(at)}: decimal(${reader.precision}, ${reader.scale}) reads what was written as ` +
      `decimal(${writer.precision}, ${writer.scale})`,
  ];
}

function sameName(reader: AvroType, writer: AvroType): boolean {
  if (!('aliases' in reader) || !('name' in writer)) return !('name' in reader);
  return reader.name === writer.name || reader.aliases.includes(writer.name);
}

function nameFault(reader: AvroType, writer: AvroType, at: string): string {
  return `${place(at)}: ${describe(reader)} has another name than the written ${describe(writer)}, and no alias for it`;
}

function mismatch(reader: AvroType, writer: AvroType, at: string): Faults {
  return [`${place(at)}: ${describe(reader)} can't read what was written as ${describe(writer)}`];
}

function place(at: string): string {
  return at === '' ? 'the schema' : at.slice(1);
}
