import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TOPICS } from '@ebap/pipeline/contracts';
import { guard } from '../../stack/cluster/process/guard.ts';
import type { Evidence } from '../oracle/oracle.ts';
import { rawRow } from '../oracle/rawRows.ts';

export interface LoadSettings {
  /** The checkout. */
  readonly root: string;
  /** Of the web app. */
  readonly url: string;
  readonly keyFile: string;
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly users: number;
  readonly seed: number;
  /** How long it waits at its end for what is not acknowledged. */
  readonly drainSeconds: number;
  /** Takes a line per acknowledged event. */
  readonly out: string;
}

/** What the load generator says of its run. */
export interface LoadReport {
  readonly accepted: number;
  readonly unacknowledged: number;
  /** Tries that were not acknowledged, by reason. */
  readonly retries: Readonly<Record<string, number>>;
  readonly stalledMs: number;
}

export interface Load {
  /** Rejects when the generator fails or leaves events without an answer. */
  readonly ended: Promise<LoadReport>;
  /** Ends it before its time: what is under way is waited for. */
  stop(): void;
  kill(): void;
}

/** Starts the load generator: steady, with duplicates and late events. */
export function startLoad(settings: LoadSettings): Load {
  const { root, url, keyFile, out } = settings;
  const numbers = {
    rate: settings.ratePerSecond,
    seconds: settings.seconds,
    users: settings.users,
    seed: settings.seed,
    duplicates: 0.03,
    late: 0.02,
    drain: settings.drainSeconds,
  };
  const args = ['--url', url, '--key-file', keyFile, '--out', out];
  for (const [name, value] of Object.entries(numbers)) args.push(`--${name}`, String(value));
  const child = spawn(process.execPath, [join(root, 'apps/simulator/src/load.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const dismissGuard = child.pid === undefined ? (): void => {} : guard(child.pid);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<LoadReport>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      dismissGuard();
      if (code === 0) resolve(JSON.parse(text) as LoadReport);
      else reject(new Error(`the load ended with ${code}: ${text}`));
    });
  });
  ended.catch(() => {}); // whoever waits for it is told
  return { ended, stop: () => void child.kill('SIGTERM'), kill: () => void child.kill('SIGKILL') };
}

/** How many identities the edge acknowledged, and how many of them the log does not hold. */
export async function lostIdentities(
  out: string,
  evidence: Evidence,
): Promise<{ readonly acknowledged: number; readonly lost: number }> {
  const onLog = identitiesOnLog(evidence);
  let acknowledged = 0;
  let lost = 0;
  for await (const line of createInterface({ input: createReadStream(out) })) {
    if (line === '') continue;
    const sent = JSON.parse(line) as { readonly id: string; readonly t: number };
    acknowledged++;
    if (!onLog.has(`${sent.id}/${sent.t}`)) lost++;
  }
  return { acknowledged, lost };
}

function identitiesOnLog(evidence: Evidence): ReadonlySet<string> {
  const found = new Set<string>();
  for (let p = 0; p < evidence.partitions; p++)
    for (const record of evidence.records(TOPICS.eventsRaw, p)) {
      const row = rawRow(p, evidence.partitions, evidence.rawSchemaId, record);
      if (row.decoded) found.add(`${row.id}/${row.ts}`);
    }
  return found;
}
