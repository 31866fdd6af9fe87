import type { Paint } from './colour.ts';

/** Fields that a short line shows by place or not at all. */
const PLACED = new Set([
  'level',
  'msg',
  'message',
  'time',
  'timestamp',
  'ts',
  'at',
  'app',
  'pid',
  'hostname',
  'service',
  'name',
  'stack',
]);
const LEVEL_BY_NUMBER: readonly (readonly [number, string])[] = [
  [50, 'error'],
  [40, 'warn'],
  [30, 'info'],
  [0, 'debug'],
];
const MAX_VALUE_LENGTH = 120;

/**
 * Renders one line of a child's output: a JSON log entry becomes `message key=value …`, anything else stays as it is.
 * Control characters are dropped: what producers send may reach a log, and must not reach the terminal as commands.
 */
export function renderLogLine(line: string, paint: Paint): string {
  const entry = parseEntry(line);
  if (entry === undefined) return printable(line);
  const message = String(entry.msg ?? entry.message ?? '');
  const fields = Object.entries(entry)
    .filter(([key, value]) => !PLACED.has(key) && value !== null && value !== undefined)
    .map(([key, value]) => paint('dim', `${printable(key)}=${shortValue(value)}`));
  const text = [printable(message), ...fields].join(' ');
  const level = levelName(entry.level);
  if (level === 'error' || level === 'fatal') return `${paint('red', 'error')} ${text}${stackLines(entry, paint)}`;
  if (level === 'warn') return `${paint('yellow', 'warn')} ${text}`;
  return text;
}

/** Where a fault happened, below its line; what is only a warning needs no more than its words. */
function stackLines({ stack }: Readonly<Record<string, unknown>>, paint: Paint): string {
  if (typeof stack !== 'string') return '';
  const places = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return places.map((line) => `\n${paint('dim', printable(line))}`).join('');
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('msg' in value || 'message' in value)) return undefined;
    return { ...value };
  } catch {
    return undefined;
  }
}

function levelName(level: unknown): string {
  if (typeof level === 'number') return LEVEL_BY_NUMBER.find(([from]) => level >= from)?.[1] ?? 'info';
  return typeof level === 'string' ? level.toLowerCase() : 'info';
}

function shortValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const shown = printable(text);
  return shown.length > MAX_VALUE_LENGTH ? `${shown.slice(0, MAX_VALUE_LENGTH)}…` : shown;
}

/** Keeps colours (SGR), drops every other escape sequence and control character. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/\u001b(?!\[[\d;]*m)(\[[\d;?]*[A-Za-z])?|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g, '');
}
