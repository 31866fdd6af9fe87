const ROLE_AND_NAME = /^.+ \(([^()]+)\)$/;

/** An engine as badges name it: by its own name, without what it serves as. `Hot store (LMDB)` is `LMDB`. */
export function engineName(engine: string): string {
  return ROLE_AND_NAME.exec(engine)?.[1] ?? engine;
}
