/**
 * The whole platform under load: events through the HTTP edge, lag, CPU and memory of the worker, and the time from an
 * event's acceptance (202) until it is painted in a real browser. The load goes to one workspace, the measured events
 * to the other, so that the feed shows each of them. Prints one JSON line.
 *
 * node bench/endToEnd.bench.ts [--rate 10000] [--seconds 600] [--port 47410] [--profile embedded|cluster]
 * (needs Chromium: EBAP_CHROMIUM or PATH). With the engines of a cluster beside it, tells the CPU of each of them.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Tree } from '../trials/processes/tree.ts';
import { UseMeter } from './componentUse.ts';
import { startHttpLoad } from './httpLoad.ts';
import { LagSeries } from './lagSeries.ts';
import { LivePage, Marks, markPauseMs } from './livePage.ts';
import { quantiles } from './quantiles.ts';
import { readWorkerMetrics } from './workerMetrics.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '600' },
    port: { type: 'string', default: '47410' },
    profile: { type: 'string', default: 'embedded' },
  },
});
const WARM_UP_SECONDS = 10;
/** The load goes on until everything was measured. */
const MARGIN_SECONDS = 15;
const USERS = 50_000;
const root = join(import.meta.dirname, '..');
const seconds = Number(values.seconds);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(tree: Tree): Promise<Readonly<Record<string, unknown>>> {
  const key = readFileSync(tree.keyFile('demo-api-key-acme'), 'utf8').trim();
  const page = await LivePage.open(tree.url.replace('127.0.0.1', 'localhost'), 'acme');
  const load = startHttpLoad({
    root,
    url: tree.url,
    keyFile: tree.keyFile('demo-api-key'),
    ratePerSecond: Number(values.rate),
    seconds,
    users: USERS,
  });
  try {
    await pause(WARM_UP_SECONDS * 1_000);
    const before = await readWorkerMetrics(tree.workerUrl);
    const meter = new UseMeter(new Map([...tree.engines(), ...tree.services()]));
    const startedMs = performance.now();
    const marks = new Marks(tree.url, key);
    const lags = new LagSeries();
    let privateMb = 0;
    while (performance.now() - startedMs < (seconds - MARGIN_SECONDS) * 1_000) {
      await marks.send();
      const worker = await readWorkerMetrics(tree.workerUrl);
      lags.add(worker.events.lag);
      privateMb = Math.max(privateMb, worker.privateMb);
      await pause(markPauseMs());
    }
    const after = await readWorkerMetrics(tree.workerUrl);
    const wallSeconds = (performance.now() - startedMs) / 1_000;
    const use = meter.stop();
    const { latenciesMs, notPainted } = await marks.latencies(page);
    return {
      acceptedToPaintedMs: quantiles(latenciesMs),
      notPainted,
      marksRefused: marks.refused,
      workerCpuPercent: Math.round(((after.cpuSeconds - before.cpuSeconds) / wallSeconds) * 1_000) / 10,
      workerPrivateMb: Math.round(privateMb),
      lagRecords: lags.summary(),
      use,
      load: await load.ended,
    };
  } finally {
    load.kill();
    await page.close();
  }
}

const dir = await mkdtemp(join(tmpdir(), 'ebap-e2e-bench-'));
const tree = new Tree({
  root,
  dataDir: join(dir, 'data'),
  port: Number(values.port),
  logFile: join(dir, 'tree.log'),
  entry: values.profile === 'cluster' ? 'stack/local-cluster.ts' : 'stack/embedded.ts',
  env: { EBAP_INGEST_EVENTS_PER_SECOND: '1000000', EBAP_CLUSTER_PORT_OFFSET: '900' },
});
try {
  await tree.start();
  const result = await measure(tree);
  await tree.stop();
  console.log(
    JSON.stringify({
      bench: 'end-to-end',
      profile: values.profile,
      ratePerSecond: Number(values.rate),
      seconds,
      ...result,
    }),
  );
  await rm(dir, { recursive: true, force: true });
} catch (error) {
  console.error(`kept: ${dir}`);
  throw error;
} finally {
  tree.killAll();
}
