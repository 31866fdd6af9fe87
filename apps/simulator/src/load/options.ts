import { parseArgs } from 'node:util';
import { AppError } from '@ebap/pipeline/errors';
import { numberOption } from './numberOption.ts';

/** What the load generator is asked to do. */
export interface LoadOptions {
  readonly url: string;
  readonly key: string;
  /** The key's workspace, as the log of acknowledged events names it. */
  readonly workspace: string;
  /** Events per second; never exceeded. */
  readonly rate: number;
  readonly seconds: number;
  readonly users: number;
  readonly seed: number;
  /** Where acknowledged events are written, gzipped if it ends in `.gz`; null: nowhere. */
  readonly out: string | null;
  readonly batchRecords: number;
  readonly connections: number;
  /** Share of batches that are sent a second time after they were acknowledged. */
  readonly duplicates: number;
  /** Share of records that happened 11 to 60 minutes ago. */
  readonly late: number;
  /** How long to wait at the end for what is not acknowledged. */
  readonly drainSeconds: number;
}

export const LOAD_USAGE = `node apps/simulator/src/load.ts --url http://127.0.0.1:3000 --key KEY
  --rate 10000       events per second, never exceeded
  --seconds 60       how long
  --users 50000      people
  --seed 1           same seed, same events but for ids and times
  --workspace meridian   name of the key's workspace in the log
  --out sent.ndjson  one line per acknowledged event: w(orkspace), id, u(ser), t (ms), a(ction), m (amount),
                     c(urrency), l(ocation), p(latform); .gz is compressed
  --batch N          records per request (default: 20 requests a second, at most 1000 records)
  --connections 4    requests at once
  --duplicates 0     share of batches sent again after their acknowledgement
  --late 0           share of records that are 11 to 60 minutes old
  --drain 60         seconds to wait at the end for acknowledgements
  --key-file FILE    instead of --key`;

const MOST_BATCH_RECORDS = 10_000;

/** Reads the command line. Throws `configuration` with the reason. */
export function parseLoadOptions(args: readonly string[], readSecret: (path: string) => string): LoadOptions {
  const values = readArgs(args);
  const rate = numberOption('rate', values.rate, 10_000, 1, 200_000);
  const key = values.key ?? (values['key-file'] === undefined ? undefined : readSecret(values['key-file']));
  if (key === undefined || key === '') throw new AppError('configuration', '--key or --key-file is missing.');
  if (!URL.canParse(values.url)) throw new AppError('configuration', '--url is not a URL.');
  const usualBatch = Math.min(1_000, Math.max(1, Math.round(rate / 20)));
  return {
    url: values.url,
    key,
    workspace: values.workspace,
    rate,
    seconds: numberOption('seconds', values.seconds, 60, 0.1, 1e7),
    users: numberOption('users', values.users, 50_000, 1, 200_000),
    seed: numberOption('seed', values.seed, 1, 0, Number.MAX_SAFE_INTEGER),
    out: values.out ?? null,
    batchRecords: numberOption('batch', values.batch, usualBatch, 1, MOST_BATCH_RECORDS),
    connections: numberOption('connections', values.connections, 4, 1, 64),
    duplicates: numberOption('duplicates', values.duplicates, 0, 0, 0.9),
    late: numberOption('late', values.late, 0, 0, 1),
    drainSeconds: numberOption('drain', values.drain, 60, 0, 1e6),
  };
}

const text = { type: 'string' } as const;

function readArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: { ...text, default: 'http://127.0.0.1:3000' },
        workspace: { ...text, default: 'meridian' },
        key: text,
        'key-file': text,
        rate: text,
        seconds: text,
        users: text,
        seed: text,
        out: text,
        batch: text,
        connections: text,
        duplicates: text,
        late: text,
        drain: text,
      },
    }).values;
  } catch (cause) {
    throw new AppError('configuration', cause instanceof Error ? cause.message : 'Unreadable command line.', { cause });
  }
}
