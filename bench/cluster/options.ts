import { parseArgs } from 'node:util';
import { AppError } from '@ebap/pipeline/errors';
import { numberOption } from '../../apps/simulator/src/load/index.ts';

export const STAGES = ['consume', 'steady', 'burst'] as const;
export type StageName = (typeof STAGES)[number];

export interface ClusterBenchOptions {
  /** Only the usage is wanted. */
  readonly help: boolean;
  readonly only: readonly StageName[];
  /** All stages together must be done by then. */
  readonly minutes: number;
  readonly users: number;
  readonly consumeEvents: number;
  readonly steadyRate: number;
  readonly steadySeconds: number;
  /** Changes of people in the customer's database during the steady stage. */
  readonly steadyChanges: number;
  readonly burstRate: number;
  readonly burstSeconds: number;
  readonly burstWorkers: number;
}

export const USAGE = `npm run bench:cluster -- [options]
  --only consume,steady,burst   which stages (default: all, in this order)
  --minutes 45                  the run fails when it takes longer
  --users 50000                 people whose events there are
  --consume-events 3000000      of each of the two fills
  --steady-rate 10000           events per second through the HTTP edge
  --steady-seconds 900
  --steady-changes 1800         of people in the customer's database, spread over the stage
  --burst-rate 50000            events per second straight to the log
  --burst-seconds 300
  --burst-workers 1`;

const text = { type: 'string' } as const;

/** @throws AppError `configuration` */
export function parseClusterBenchOptions(args: readonly string[]): ClusterBenchOptions {
  const values = readArgs(args);
  const only = values.only?.split(',') ?? STAGES;
  const unknown = only.filter((name) => !STAGES.some((stage) => stage === name));
  if (unknown.length > 0) throw new AppError('configuration', `There is no stage ${unknown.join(', ')}.`);
  return {
    help: values.help === true,
    only: STAGES.filter((stage) => only.includes(stage)),
    minutes: numberOption('minutes', values.minutes, 45, 0.1, 10_000),
    users: numberOption('users', values.users, 50_000, 1, 200_000),
    consumeEvents: numberOption('consume-events', values['consume-events'], 3_000_000, 10_000, 1e9),
    steadyRate: numberOption('steady-rate', values['steady-rate'], 10_000, 1, 200_000),
    steadySeconds: numberOption('steady-seconds', values['steady-seconds'], 900, 10, 1e6),
    steadyChanges: numberOption('steady-changes', values['steady-changes'], 1_800, 10, 1e6),
    burstRate: numberOption('burst-rate', values['burst-rate'], 50_000, 100, 1e6),
    burstSeconds: numberOption('burst-seconds', values['burst-seconds'], 300, 5, 1e6),
    burstWorkers: numberOption('burst-workers', values['burst-workers'], 1, 1, 4),
  };
}

function readArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean' },
        only: text,
        minutes: text,
        users: text,
        'consume-events': text,
        'steady-rate': text,
        'steady-seconds': text,
        'steady-changes': text,
        'burst-rate': text,
        'burst-seconds': text,
        'burst-workers': text,
      },
    }).values;
  } catch (cause) {
    throw new AppError('configuration', cause instanceof Error ? cause.message : 'Unreadable command line.', { cause });
  }
}
