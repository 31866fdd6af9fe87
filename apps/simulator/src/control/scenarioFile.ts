import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { type ScenarioRun, scenarioRun } from '../model/index.ts';

/** What a look at the control file found. */
export type ControlReading =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'scenarios'; readonly runs: readonly ScenarioRun[] }
  | { readonly kind: 'unreadable'; readonly problem: string };

/**
 * Parses the control file: `{ "scenarios": [{ "name", "startedAtMs", "region"?, "durationSeconds"? }] }`. It lists
 * all that goes on: what is taken out of it stops.
 */
export function parseControl(text: string): Exclude<ControlReading, { kind: 'unchanged' }> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'unreadable', problem: 'The file is not JSON.' };
  }
  const list = isObject(json) ? json.scenarios : undefined;
  if (!Array.isArray(list)) return { kind: 'unreadable', problem: 'The file has no list "scenarios".' };
  const runs: ScenarioRun[] = [];
  for (const entry of list) {
    const run = scenarioOf(entry);
    if ('problem' in run) return { kind: 'unreadable', problem: run.problem };
    runs.push(run);
  }
  return { kind: 'scenarios', runs };
}

/** Looks at the control file now and then. No file means no scenarios. */
export class ScenarioFile {
  readonly #path: string;
  #seen = '';

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<ControlReading> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      const version = `${mtimeMs}/${size}/${ino}`;
      if (version === this.#seen) return { kind: 'unchanged' };
      const text = await readFile(this.#path, 'utf8');
      this.#seen = version;
      return parseControl(text);
    } catch {
      if (this.#seen === '') return { kind: 'unchanged' };
      this.#seen = '';
      return { kind: 'scenarios', runs: [] };
    }
  }

  /** Writes how things are beside the file, `<name>-status.json`; where that can't be, nobody is told. */
  async writeStatus(status: unknown): Promise<void> {
    const path = this.#path.replace(/(\.json)?$/, '-status.json');
    try {
      await writeFile(`${path}.new`, `${JSON.stringify(status, null, 2)}\n`);
      await rename(`${path}.new`, path);
    } catch {
      // A read-only folder is no reason to stop shopping.
    }
  }
}

function scenarioOf(entry: unknown): ScenarioRun | { readonly problem: string } {
  if (!isObject(entry) || typeof entry.name !== 'string' || typeof entry.startedAtMs !== 'number')
    return { problem: 'A scenario has a "name" and "startedAtMs".' };
  const { name, startedAtMs, region, durationSeconds } = entry;
  if (region !== undefined && typeof region !== 'string') return { problem: 'A "region" is a code.' };
  if (durationSeconds !== undefined && typeof durationSeconds !== 'number')
    return { problem: '"durationSeconds" is a number.' };
  return scenarioRun(name, startedAtMs, region, durationSeconds);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
