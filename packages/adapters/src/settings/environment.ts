import { readFileSync } from 'node:fs';
import { AppError } from '@ebap/pipeline/errors';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads variables one by one and remembers what is wrong with them, so that one start names every mistake.
 * An empty variable counts as unset. Values of secrets never enter a message.
 */
export class EnvironmentReader {
  readonly #env: Environment;
  readonly #problems: string[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  text(name: string): string | undefined;
  text(name: string, fallback: string): string;
  text(name: string, fallback?: string): string | undefined {
    const value = this.#env[name]?.trim();
    return value === undefined || value === '' ? fallback : value;
  }

  /** A whole number in `[min, max]`. */
  wholeNumber(name: string, fallback: number, min: number, max: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    this.problem(`${name} must be a whole number from ${min} to ${max}, not "${text}".`);
    return fallback;
  }

  /** A number in `(0, max]`, or 0 for `off`. */
  rateOrOff(name: string, fallback: number, max: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    if (text === 'off') return 0;
    const value = Number(text);
    if (value >= 0 && value <= max) return value;
    this.problem(`${name} must be "off" or a number up to ${max}, not "${text}".`);
    return fallback;
  }

  oneOf<const Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    this.problem(`${name} must be ${choices.map((candidate) => `"${candidate}"`).join(' or ')}, not "${text}".`);
    return fallback;
  }

  /** An http or https address without a trailing slash. */
  httpUrl(name: string): string | undefined;
  httpUrl(name: string, fallback: string): string;
  httpUrl(name: string, fallback?: string): string | undefined {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol === 'http:' || url?.protocol === 'https:') return text.replace(/\/+$/, '');
    this.problem(`${name} must be an address that starts with http:// or https://, not "${text}".`);
    return fallback;
  }

  /** The variable's value, or the content of the file that `<name>_FILE` names. */
  secret(name: string): string | undefined {
    const direct = this.text(name);
    const file = this.text(`${name}_FILE`);
    if (file === undefined) return direct;
    if (direct !== undefined) {
      this.problem(`${name} and ${name}_FILE are both set: keep one.`);
      return undefined;
    }
    return this.#fileContent(`${name}_FILE`, file);
  }

  /** `host:port` addresses separated by commas; none if unset. */
  addresses(name: string): readonly string[] {
    const parts = this.text(name, '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    for (const part of parts)
      if (!/^(\[[0-9A-Fa-f:]+\]|[^\s:/@]+):\d{1,5}$/.test(part))
        this.problem(`${name} must be a list of host:port, not "${part}".`);
    return parts;
  }

  /** Content of the file that the variable names. */
  file(name: string): string | undefined {
    const path = this.text(name);
    return path === undefined ? undefined : this.#fileContent(name, path);
  }

  problem(message: string): void {
    this.#problems.push(message);
  }

  /** @throws AppError `configuration` listing every problem found */
  assertSound(): void {
    if (this.#problems.length === 0) return;
    throw new AppError('configuration', this.#problems.join('\n'));
  }

  #fileContent(name: string, file: string): string | undefined {
    try {
      const content = readFileSync(file, 'utf8').trim();
      if (content !== '') return content;
      this.problem(`${name}: the file ${file} is empty.`);
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      this.problem(`${name}: the file ${file} cannot be read (${reason}).`);
    }
    return undefined;
  }
}
