export interface JsonFault {
  /** Offset of the first character that can't stand there. */
  readonly position: number;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const BLANK = /[ \t\n\r]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
const WORD = /true|false|null/y;

/**
 * Where JSON text stops being JSON. Only for text that `JSON.parse` has refused: its own messages name the place in
 * words that differ from version to version.
 */
export function findJsonFault(text: string): JsonFault {
  const position = new Scanner(text).scan();
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  return { position, line, column: position - before.lastIndexOf('\n') };
}

/** Follows the grammar without recursion: `open` holds the brackets not closed yet. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): number {
    const open: ('{' | '[')[] = [];
    for (;;) {
      if (!this.#value(open)) return this.#at;
      for (;;) {
        this.#take(BLANK);
        const innermost = open.at(-1);
        if (innermost === undefined) return this.#at;
        if (this.#symbol(innermost === '{' ? '}' : ']')) open.pop();
        else if (this.#symbol(',')) {
          if (innermost === '{' && !this.#name()) return this.#at;
          break;
        } else return this.#at;
      }
    }
  }

  /** Reads a scalar or an empty bracket, or opens a bracket up to its first value. */
  #value(open: ('{' | '[')[]): boolean {
    for (;;) {
      this.#take(BLANK);
      if (this.#symbol('[')) {
        this.#take(BLANK);
        if (this.#symbol(']')) return true;
        open.push('[');
      } else if (this.#symbol('{')) {
        this.#take(BLANK);
        if (this.#symbol('}')) return true;
        open.push('{');
        if (!this.#name()) return false;
      } else return this.#string() ?? (this.#take(NUMBER) || this.#take(WORD));
    }
  }

  #name(): boolean {
    this.#take(BLANK);
    if (this.#string() !== true) return false;
    this.#take(BLANK);
    return this.#symbol(':');
  }

  /** Null if no string begins here. */
  #string(): boolean | null {
    if (this.#text[this.#at] !== '"') return null;
    for (this.#at++; this.#at < this.#text.length; ) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) return this.#symbol('"');
      if (code < FIRST_PRINTABLE) return false;
      if (code !== BACKSLASH) this.#at++;
      else if (!this.#take(ESCAPE)) return false;
    }
    return false;
  }

  #symbol(symbol: string): boolean {
    if (this.#text[this.#at] !== symbol) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return false;
    this.#at += found[0].length;
    return found[0].length > 0;
  }
}
