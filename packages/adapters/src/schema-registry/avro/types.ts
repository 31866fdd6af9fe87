export const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;
export type PrimitiveName = (typeof PRIMITIVES)[number];

/** What the bytes of a type mean beyond the type itself. */
export interface Logical {
  readonly name: string;
  /** Of a decimal. */
  readonly precision: number | null;
  readonly scale: number;
}

export interface AvroPrimitive {
  readonly kind: 'primitive';
  readonly name: PrimitiveName;
  readonly logical: Logical | null;
}

export interface AvroField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: AvroType;
  readonly hasDefault: boolean;
  /** As JSON, see the specification's table of default values; undefined without one. */
  readonly default: unknown;
}

export interface AvroRecord {
  readonly kind: 'record';
  readonly name: string;
  readonly aliases: readonly string[];
  /** Filled once the record's own name is known to its fields. */
  fields: readonly AvroField[];
}

export interface AvroEnum {
  readonly kind: 'enum';
  readonly name: string;
  readonly aliases: readonly string[];
  readonly symbols: readonly string[];
  /** Stands for symbols that the reader does not know; null without one. */
  readonly default: string | null;
}

export interface AvroFixed {
  readonly kind: 'fixed';
  readonly name: string;
  readonly aliases: readonly string[];
  readonly size: number;
  readonly logical: Logical | null;
}

export interface AvroArray {
  readonly kind: 'array';
  readonly items: AvroType;
}

export interface AvroMap {
  readonly kind: 'map';
  readonly values: AvroType;
}

export interface AvroUnion {
  readonly kind: 'union';
  readonly branches: readonly AvroType[];
}

/** A schema with its names resolved: recursive types refer to themselves. Names and aliases are full names. */
export type AvroType = AvroPrimitive | AvroRecord | AvroEnum | AvroFixed | AvroArray | AvroMap | AvroUnion;

/** How messages call a type. */
export function describe(type: AvroType): string {
  switch (type.kind) {
    case 'primitive':
      return type.logical === null ? type.name : `${type.name} (${type.logical.name})`;
    case 'record':
    case 'enum':
    case 'fixed':
      return `${type.kind} ${type.name}`;
    case 'array':
      return `array of ${describe(type.items)}`;
    case 'map':
      return `map of ${describe(type.values)}`;
    case 'union':
      return `union of ${type.branches.map(describe).join(', ')}`;
  }
}
