import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { guard } from '../../../stack/cluster/process/guard.ts';
import type { ProduceReport } from './produceRun.ts';

export interface ProducerSettings {
  readonly brokers: readonly string[];
  readonly schemaId: number;
  readonly events: number;
  /** Null: as many as the log takes. */
  readonly ratePerSecond: number | null;
  readonly users: number;
  /** It ends after so long, also with fewer events. */
  readonly seconds?: number;
}

export interface ProducerReport extends ProduceReport {
  readonly cpuSeconds: number;
  readonly perCpuSecond: number;
}

/** A producer in a process of its own; it ends with this one. */
export interface Producer {
  readonly pid: number | undefined;
  /** Events that were acknowledged so far, a fraction of a second ago. */
  readonly produced: number;
  /** Resolves when its events are encoded and it begins. */
  readonly started: Promise<void>;
  /** Rejects when it fails. */
  readonly ended: Promise<ProducerReport>;
  kill(): void;
}

const LEAST_BATCH_RECORDS = 50;
const MOST_BATCH_RECORDS = 5_000;
const BATCHES_PER_SECOND = 10;

function batchOf(ratePerSecond: number): number {
  const even = Math.round(ratePerSecond / BATCHES_PER_SECOND);
  return Math.min(MOST_BATCH_RECORDS, Math.max(LEAST_BATCH_RECORDS, even));
}

export function startProducer(settings: ProducerSettings): Producer {
  const { brokers, schemaId, events, ratePerSecond, users, seconds } = settings;
  const batch = ratePerSecond === null ? MOST_BATCH_RECORDS : batchOf(ratePerSecond);
  const numbers = { 'schema-id': schemaId, events, users, rate: ratePerSecond, seconds, batch };
  const args = ['--brokers', brokers.join(',')];
  for (const [name, value] of Object.entries(numbers))
    if (value !== null && value !== undefined) args.push(`--${name}`, String(value));
  const program = join(import.meta.dirname, 'main.ts');
  // As the supervisor starts the worker: batches die young.
  const child = spawn(process.execPath, ['--max-semi-space-size=64', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const dismissGuard = child.pid === undefined ? (): void => {} : guard(child.pid);
  const started = Promise.withResolvers<void>();
  let newest: Partial<ProducerReport> = {};
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    newest = JSON.parse(line) as Partial<ProducerReport>;
    started.resolve();
  });
  const ended = new Promise<ProducerReport>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      dismissGuard();
      // The last line is the report.
      if (code === 0 && newest.perCpuSecond !== undefined) resolve(newest as ProducerReport);
      else reject(new Error(`the producer ended with ${code}`));
    });
  });
  ended.catch(started.reject);
  started.promise.catch(() => {}); // whoever waits for it is told
  return {
    pid: child.pid,
    get produced() {
      return newest.produced ?? 0;
    },
    started: started.promise,
    ended,
    kill: () => void child.kill('SIGKILL'),
  };
}
