import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { TOPICS } from '@ebap/pipeline/contracts';
import type { Evidence } from '../oracle/oracle.ts';
import { rawRow } from '../oracle/rawRows.ts';
import { type LoadGenerator, startLoadGenerator } from './loadGenerator.ts';

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

export type Load = LoadGenerator<LoadReport>;

/** Starts the load generator: steady, with duplicates and late events. It fails if it leaves events without an answer. */
export function startLoad(settings: LoadSettings): Load {
  const options = {
    url: settings.url,
    'key-file': settings.keyFile,
    out: settings.out,
    rate: settings.ratePerSecond,
    seconds: settings.seconds,
    users: settings.users,
    seed: settings.seed,
    duplicates: 0.03,
    late: 0.02,
    drain: settings.drainSeconds,
  };
  return startLoadGenerator(settings.root, options, [0]);
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
