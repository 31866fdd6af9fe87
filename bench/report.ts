import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where results are kept; not part of the repository. */
export const RESULTS_DIR = join(import.meta.dirname, 'results');

/** One row per figure of a result: nested objects become dotted names. */
export function figureRows(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => figureRows(inner, path === '' ? key : `${path}.${key}`));
  return [[path, typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 3 }) : String(value)]];
}

/** Prints a result as a table under its name. */
export function printTable(name: string, result: unknown): void {
  console.log(`\n${name}`);
  for (const [figure, value] of figureRows(result)) console.log(`  ${figure.padEnd(44)} ${value}`);
}

/** Keeps JSON lines in a file named by the time of the run; returns its path. */
export async function saveResults(lines: readonly string[], name = ''): Promise<string> {
  await mkdir(RESULTS_DIR, { recursive: true });
  const file = join(RESULTS_DIR, `${fileTime()}${name === '' ? '' : `-${name}`}.jsonl`);
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

/** Now, as part of a file's name. */
export function fileTime(): string {
  return new Date().toISOString().replaceAll(':', '-');
}
