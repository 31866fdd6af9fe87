/** Immutable objects by name. State segments now, lake files later. Names are `/`-separated, `[A-Za-z0-9._=-]`. */
export interface FileIO {
  /** Durable on resolve. @throws AppError `conflict` if the name exists. */
  write(name: string, chunks: readonly Uint8Array[]): Promise<{ readonly bytes: number }>;
  /** @throws AppError `not_found`. */
  read(name: string): Promise<Uint8Array>;
  /** Idempotent. */
  remove(name: string): Promise<void>;
  list(prefix: string): AsyncIterable<{ readonly name: string; readonly bytes: number; readonly modifiedMs: number }>;
}
