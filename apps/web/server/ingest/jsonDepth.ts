const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Whether JSON text opens more than `limit` objects and arrays within each other. Runs before the parser, so that a
 * body of nothing but brackets costs nothing.
 */
export function nestsDeeperThan(json: Uint8Array, limit: number): boolean {
  const { length } = json;
  let depth = 0;
  for (let i = 0; i < length; i++) {
    const code = json[i] as number;
    if (code === QUOTE) {
      for (i++; i < length; i++) {
        const inText = json[i] as number;
        if (inText === BACKSLASH) i++;
        else if (inText === QUOTE) break;
      }
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > limit) return true;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
  }
  return false;
}
