import { readFileSync } from 'node:fs';
import { UseMeter, type UseReport } from '../../componentUse.ts';
import { type HttpLoad, type HttpLoadReport, startHttpLoad } from '../../httpLoad.ts';
import { LagSeries } from '../../lagSeries.ts';
import { LivePage, Marks, markPauseMs } from '../../livePage.ts';
import { quantiles } from '../../quantiles.ts';
import { LagProbe } from '../lagProbe.ts';
import { ledgerFailures, untilCounted } from '../ledger.ts';
import { pause, type StageContext, type StageResult, tenths } from '../stage.ts';
import { type ClusterTree, startClusterTree } from './clusterTree.ts';
import { type LookupReport, startLookups } from './lookups.ts';
import { ProfileProbe, type ProfileProbeReport } from './profileProbe.ts';

/** The load at its full rate, before anything is measured. */
const WARM_UP_SECONDS = 20;
/** The load goes on until everything was measured; the changes end before. */
const MARGIN_SECONDS = 5;
const LAG_EVERY_MS = 5_000;
const COUNTED_WITHIN_MS = 60_000;
/** Marked events go to a workspace of their own, so that the feed shows each of them. */
const LOAD_WORKSPACE = 'meridian';
const MARK_WORKSPACE = 'acme';

interface Measured {
  readonly seconds: number;
  readonly marks: Marks;
  readonly lags: LagSeries;
  readonly use: UseReport;
  readonly lookups: LookupReport;
  readonly profiles: ProfileProbeReport;
}

/** What runs while it is measured. */
interface Scene {
  readonly product: ClusterTree;
  readonly load: HttpLoad;
  readonly page: LivePage;
  readonly lagProbe: LagProbe;
}

/** A steady load through the HTTP edge, a person who looks, people who change, and readers of the hot store. */
export async function steadyStage(context: StageContext): Promise<StageResult> {
  const { options, ending, note, root } = context;
  const product = await startClusterTree(context);
  const { tree, hot } = product;
  const page = await LivePage.open(tree.url.replace('127.0.0.1', 'localhost'), MARK_WORKSPACE);
  ending.add(() => page.close());
  const lagProbe = await LagProbe.open(product.log, [tree.workerUrl]);
  const pids = product.pids();
  const startedMs = Date.now();
  const load = startHttpLoad({
    root,
    url: tree.url,
    keyFile: tree.keyFile('demo-api-key'),
    ratePerSecond: options.steadyRate,
    seconds: options.steadySeconds + WARM_UP_SECONDS + MARGIN_SECONDS,
    users: options.users,
  });
  ending.add(() => load.kill());
  note(`warming up for ${WARM_UP_SECONDS} s`);
  await pause(WARM_UP_SECONDS * 1_000);
  const measured = await measure(context, { product, load, page, lagProbe });
  note('measured; waiting for the load to end');
  const { latenciesMs, notPainted } = await measured.marks.latencies(page);
  const sent = await load.ended;
  const expected = sent.accepted + measured.marks.accepted;
  const { ledger, waitedMs } = await untilCounted(hot, startedMs, expected, COUNTED_WITHIN_MS);
  return {
    figures: {
      wantedPerSecond: options.steadyRate,
      reachedPerSecond: Math.round(sent.acceptedPerSecond),
      warmUpSeconds: WARM_UP_SECONDS,
      seconds: measured.seconds,
      acceptedToPaintedMs: quantiles(latenciesMs),
      notPainted,
      lagRecords: measured.lags.summary(),
      profileChanges: measured.profiles,
      redisLookupMs: measured.lookups,
      accepted: expected,
      ...ledger,
      countedAfterMs: waitedMs,
      use: measured.use,
      load: sent,
    },
    failures: [
      ...failuresOf(measured, sent, notPainted),
      ...ledgerFailures(ledger, expected, 'steady'),
      ...[...product.pids()].flatMap(([name, pid]) => (pids.get(name) === pid ? [] : [`${name} ended by itself`])),
    ],
  };
}

async function measure({ options, ending }: StageContext, { product, load, page, lagProbe }: Scene): Promise<Measured> {
  const { tree, addresses, log } = product;
  const key = readFileSync(tree.keyFile('demo-api-key-acme'), 'utf8').trim();
  const probe = new ProfileProbe(log, addresses.postgresUrl, options.users);
  ending.add(() => probe.end());
  await probe.follow();
  const lookups = startLookups(addresses.redisUrl, LOAD_WORKSPACE);
  const meter = new UseMeter(withOthers(product, load, page));
  const startMs = performance.now();
  const changing = probe.change(options.steadyChanges, options.steadySeconds - 1);
  changing.catch(() => {}); // awaited below
  const marks = new Marks(tree.url, key);
  const lags = new LagSeries();
  let nextLookMs = startMs;
  while (performance.now() - startMs < options.steadySeconds * 1_000) {
    await marks.send();
    if (performance.now() > nextLookMs) {
      nextLookMs += LAG_EVERY_MS;
      lags.add(await lagProbe.look());
    }
    await pause(markPauseMs());
  }
  const seconds = tenths((performance.now() - startMs) / 1_000);
  const use = meter.stop();
  const lookedUp = await lookups.stop();
  await changing;
  return { seconds, marks, lags, use, lookups: lookedUp, profiles: await probe.report() };
}

function withOthers(product: ClusterTree, load: HttpLoad, page: LivePage): ReadonlyMap<string, number> {
  const pids = new Map(product.pids());
  if (load.pid !== undefined) pids.set('load', load.pid);
  if (page.pid !== undefined) pids.set('browser', page.pid);
  return pids;
}

function failuresOf(
  { marks, lookups, profiles }: Measured,
  sent: HttpLoadReport,
  notPainted: number,
): readonly string[] {
  const refused = Object.values(sent.rejected).reduce((a, b) => a + b, 0);
  const wrong: readonly (readonly [count: number, what: string])[] = [
    [refused, 'events were refused'],
    [sent.unacknowledged, 'events were never acknowledged'],
    [marks.refused, 'marked events were refused'],
    [notPainted, 'marked events were not painted'],
    [profiles.missing, 'changes of people did not arrive'],
    [lookups.failures, 'lookups in Redis found nothing'],
  ];
  return wrong.flatMap(([count, what]) => (count === 0 ? [] : [`steady: ${count} ${what}`]));
}
