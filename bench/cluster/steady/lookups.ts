/** Reads live keys of the hot store as the web app does, on a thread of its own: the wait of its event loop is its own. */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { openRedisHotStore } from '@ebap/adapters/hot-store';
import { TOTAL_MEMBER } from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';
import { quantiles, type SampleQuantiles } from '../../quantiles.ts';
import { pause } from '../stage.ts';

export interface LookupReport {
  readonly all: SampleQuantiles;
  /** `readHash` of the workspace's progress: two fields. */
  readonly progress: SampleQuantiles;
  /** `readHash` of the current one-minute window: every member's cell. */
  readonly window: SampleQuantiles;
  /** `readFields` of the total in the last 60 windows of 10 s: what a chart of ten minutes reads. */
  readonly series: SampleQuantiles;
  /** Lookups that failed, or found nothing at all. */
  readonly failures: number;
}

export interface Lookups {
  stop(): Promise<LookupReport>;
}

interface LookupSettings {
  readonly kind: 'lookups';
  readonly redisUrl: string;
  readonly workspace: string;
}

const EVERY_MS = 50;
const PANES = 60;
const PANE_MS = 10_000;
const MINUTE_MS = 60_000;

/** Begins at once. */
export function startLookups(redisUrl: string, workspace: string): Lookups {
  const settings: LookupSettings = { kind: 'lookups', redisUrl, workspace };
  const worker = new Worker(new URL(import.meta.url), { workerData: settings });
  const report = new Promise<LookupReport>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  report.catch(() => {}); // whoever stops it is told
  return {
    stop: async () => {
      worker.postMessage('stop');
      const result = await report;
      await worker.terminate();
      return result;
    },
  };
}

type Read = (hot: HotStore, workspace: string) => Promise<boolean>;

const READS: readonly (readonly [name: 'progress' | 'window' | 'series', Read])[] = [
  ['progress', async (hot, workspace) => (await hot.readHash(hotKeys.progress(workspace))).size > 0],
  [
    'window',
    async (hot, workspace) => {
      const startMs = Math.floor((Date.now() - PANE_MS) / MINUTE_MS) * MINUTE_MS;
      return (await hot.readHash(hotKeys.window(workspace, '1m', startMs))).size > 0;
    },
  ],
  [
    'series',
    async (hot, workspace) => {
      const newestMs = Math.floor(Date.now() / PANE_MS) * PANE_MS;
      const keys = Array.from({ length: PANES }, (_, n) => hotKeys.window(workspace, '10s', newestMs - n * PANE_MS));
      const cells = await hot.readFields(keys, [TOTAL_MEMBER]);
      return cells.some(([cell]) => cell !== null);
    },
  ],
];

async function lookUp({ redisUrl, workspace }: LookupSettings): Promise<void> {
  const hot = await openRedisHotStore({ address: { mode: 'single', url: redisUrl } });
  const samples = { progress: [] as number[], window: [] as number[], series: [] as number[] };
  let failures = 0;
  let isStopped = false;
  parentPort?.once('message', () => {
    isStopped = true;
  });
  for (let n = 0; !isStopped; n++) {
    const [name, read] = READS[n % READS.length] ?? ['progress', async () => false];
    const startMs = performance.now();
    const found = await read(hot, workspace).catch(() => false);
    samples[name].push(performance.now() - startMs);
    if (!found) failures++;
    await pause(Math.max(0, EVERY_MS - (performance.now() - startMs)));
  }
  const { progress, window, series } = samples;
  const report: LookupReport = {
    all: quantiles([...progress, ...window, ...series]),
    progress: quantiles(progress),
    window: quantiles(window),
    series: quantiles(series),
    failures,
  };
  parentPort?.postMessage(report);
  await hot.close();
}

if ((workerData as LookupSettings | null)?.kind === 'lookups') await lookUp(workerData as LookupSettings);
