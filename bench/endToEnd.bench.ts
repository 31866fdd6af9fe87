/**
 * The whole platform under load: events through the HTTP edge, lag, CPU and memory of the worker, and the time from an
 * event's acceptance (202) until it is painted in a real browser. The load goes to one workspace, the measured events
 * to the other, so that the feed shows each of them. Prints one JSON line.
 *
 * node bench/endToEnd.bench.ts [--rate 10000] [--seconds 600] [--port 47410] [--profile embedded|cluster]
 * (needs Chromium: EBAP_CHROMIUM or PATH). With the engines of a cluster beside it, tells the CPU of each of them.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { findChromium } from '../stack/browser/findChromium.ts';
import { Tree } from '../trials/processes/tree.ts';
import { type ComponentUse, componentUse } from './componentUse.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '600' },
    port: { type: 'string', default: '47410' },
    profile: { type: 'string', default: 'embedded' },
  },
});
const root = join(import.meta.dirname, '..');
const SECONDS = Number(values.seconds);
const isCluster = values.profile === 'cluster';
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface WorkerFigures {
  readonly cpuSeconds: number;
  readonly rssMb: number;
  /** Without the mapped pages of the log, which are the system's cache. */
  readonly privateMb: number;
  readonly lag: number;
}

async function workerFigures(tree: Tree): Promise<WorkerFigures> {
  const text = await (await fetch(`${tree.workerUrl}/metrics`)).text();
  const value = (name: string): number => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const lags = [...text.matchAll(/^ebap_task_lag_records\{task="event".*\} (\d+)$/gm)].map((m) => Number(m[1]));
  return {
    cpuSeconds: value('ebap_process_cpu_seconds_total'),
    rssMb: value('ebap_process_resident_memory_bytes') / 1e6,
    privateMb: value('ebap_process_private_memory_bytes') / 1e6,
    lag: lags.reduce((a, b) => a + b, 0),
  };
}

/** Signs in as the admin and opens the Live page of the measured workspace. */
async function openLive(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/signin`);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL(/idp/);
  await page.getByRole('button', { name: /admin/i }).click();
  await page.waitForURL(/\/live/);
  await page.context().addCookies([{ name: 'ebap-workspace', value: 'acme', url }]);
  await page.goto(`${url}/live?ws=acme`);
  await page.locator('[data-panel]').first().waitFor();
}

/** Notes when a marked text is first on the screen: after the frame in which it was added. */
const WATCH = `
  window.painted = {};
  new MutationObserver(() => {
    for (const m of document.body.innerText.matchAll(/mark-[0-9a-f]{8}/g))
      if (!(m[0] in window.painted)) { window.painted[m[0]] = -1; requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => { window.painted[m[0]] = Date.now(); }; c.port2.postMessage(0); }); }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });`;

async function sendMark(tree: Tree, key: string): Promise<{ readonly mark: string; readonly acceptedMs: number }> {
  const mark = `mark-${randomUUID().slice(0, 8)}`;
  const event = {
    id: randomUUID(),
    user_id: `probe-${mark}`,
    action: 'view',
    timestamp: new Date().toISOString(),
    location: 'eu-west-1',
    metadata: { platform: 'web', item_id: mark },
  };
  const response = await fetch(`${tree.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify([event]),
  });
  if (response.status !== 202) throw new Error(`the edge answered ${response.status}`);
  return { mark, acceptedMs: Date.now() };
}

function quantiles(samples: readonly number[]): Record<string, number | null> {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (q: number): number | null => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? null;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), samples: sorted.length };
}

/** Percent of one core over the run, and memory at its end. */
function used(after: ComponentUse, before: ComponentUse | undefined, wallSeconds: number) {
  const cpuSeconds = after.cpuSeconds - (before?.cpuSeconds ?? 0);
  return { cpuPercent: Math.round((cpuSeconds / wallSeconds) * 1_000) / 10, rssMb: Math.round(after.rssMb) };
}

const browserFound = findChromium(process.env);
if (!browserFound.found) throw new Error(browserFound.advice);
const dir = await mkdtemp(join(tmpdir(), 'ebap-e2e-bench-'));
const tree = new Tree({
  root,
  dataDir: join(dir, 'data'),
  port: Number(values.port),
  logFile: join(dir, 'tree.log'),
  entry: isCluster ? 'stack/local-cluster.ts' : 'stack/embedded.ts',
  env: { EBAP_INGEST_EVENTS_PER_SECOND: '1000000', EBAP_CLUSTER_PORT_OFFSET: '900' },
});
try {
  await tree.start();
  const key = readFileSync(tree.keyFile('demo-api-key-acme'), 'utf8').trim();
  const browser = await chromium.launch({
    executablePath: browserFound.path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-quic',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const page = await browser.newPage();
  await openLive(page, tree.url.replace('127.0.0.1', 'localhost'));
  await page.evaluate(WATCH);
  const loadArgs = [
    '--url',
    tree.url,
    '--key-file',
    tree.keyFile('demo-api-key'),
    '--rate',
    values.rate,
    '--seconds',
    String(SECONDS),
    '--users',
    '50000',
  ];
  const load = spawn(process.execPath, [join(root, 'apps/simulator/src/load.ts'), ...loadArgs], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let loadText = '';
  load.stdout.on('data', (chunk: Buffer) => {
    loadText += chunk.toString();
  });
  await pause(10_000);
  const before = await workerFigures(tree);
  const pids = new Map([...tree.engines(), ...tree.services()]);
  const useBefore = componentUse(pids);
  const startedMs = performance.now();
  const sent = new Map<string, number>();
  const lags: number[] = [];
  let rssMb = 0;
  let privateMb = 0;
  while (performance.now() - startedMs < (SECONDS - 15) * 1_000) {
    const { mark, acceptedMs } = await sendMark(tree, key);
    sent.set(mark, acceptedMs);
    const figures = await workerFigures(tree);
    lags.push(figures.lag);
    rssMb = Math.max(rssMb, figures.rssMb);
    privateMb = Math.max(privateMb, figures.privateMb);
    await pause(300 + (Number.parseInt(mark.slice(5, 9), 16) % 700));
  }
  const after = await workerFigures(tree);
  const useAfter = componentUse(pids);
  const wallSeconds = (performance.now() - startedMs) / 1_000;
  await pause(5_000);
  const painted = (await page.evaluate('window.painted')) as Record<string, number>;
  const latencies = [...sent].flatMap(([mark, at]) => ((painted[mark] ?? 0) > 0 ? [(painted[mark] ?? 0) - at] : []));
  await new Promise((resolve) => load.once('exit', resolve));
  await browser.close();
  await tree.stop();
  const third = Math.floor(lags.length / 3);
  const mean = (xs: readonly number[]): number => Math.round(xs.reduce((a, b) => a + b, 0) / Math.max(1, xs.length));
  console.log(
    JSON.stringify({
      bench: 'end-to-end',
      profile: values.profile,
      ratePerSecond: Number(values.rate),
      seconds: SECONDS,
      acceptedToPaintedMs: quantiles(latencies),
      notPainted: sent.size - latencies.length,
      workerCpuPercent: Math.round(((after.cpuSeconds - before.cpuSeconds) / wallSeconds) * 1_000) / 10,
      workerRssMb: Math.round(rssMb),
      workerPrivateMb: Math.round(privateMb),
      lagRecords: {
        firstThird: mean(lags.slice(0, third)),
        lastThird: mean(lags.slice(-third)),
        max: Math.max(...lags),
      },
      components: Object.fromEntries(
        [...useAfter].map(([name, use]) => [name, used(use, useBefore.get(name), wallSeconds)]),
      ),
      load: JSON.parse(loadText) as unknown,
    }),
  );
  await rm(dir, { recursive: true, force: true });
} catch (error) {
  console.error(`kept: ${dir}`);
  throw error;
} finally {
  tree.killAll();
}
