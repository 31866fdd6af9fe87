export interface RegisteredSchema {
  readonly id: number;
  readonly subject: string;
  readonly version: number;
  /** The Avro schema as JSON text. */
  readonly schema: string;
}

export type CompatibilityResult =
  | { readonly compatible: true }
  | { readonly compatible: false; readonly reasons: readonly string[] };

/** History of Avro schemas per subject, compatibility BACKWARD_TRANSITIVE (Confluent's model). */
export interface SchemaRegistry {
  /**
   * Registers or finds the schema. The same schema text (canonical form) gives the same id.
   * @throws AppError `incompatible_schema` with the reasons; `unavailable` (retryable).
   */
  register(subject: string, schema: string): Promise<RegisteredSchema>;
  /** @throws AppError `not_found`. Cached: an id never changes its meaning. */
  byId(id: number): Promise<RegisteredSchema>;
  latest(subject: string): Promise<RegisteredSchema | null>;
  versions(subject: string): Promise<readonly RegisteredSchema[]>;
  checkCompatibility(subject: string, schema: string): Promise<CompatibilityResult>;
}
