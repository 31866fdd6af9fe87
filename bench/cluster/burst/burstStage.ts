import { until } from '../../../trials/processes/tree.ts';
import { UseMeter, type UseReport } from '../../componentUse.ts';
import { LagSeries } from '../../lagSeries.ts';
import { isBalanced, lookAtIntake } from '../intake.ts';
import { LagProbe } from '../lagProbe.ts';
import { ledgerFailures, untilCounted } from '../ledger.ts';
import { type Producer, type ProducerReport, startProducer } from '../producer/producerProcess.ts';
import { type Product, startProduct, unexpectedEnds } from '../product.ts';
import { pause, type StageContext, type StageResult, tenths } from '../stage.ts';
import { Freshness } from './freshness.ts';

/** At the full rate, before anything is measured. */
const WARM_UP_SECONDS = 10;
const AFTER_SECONDS = 15;
const BALANCED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 1_000;
const DRAIN_LOOK_EVERY_MS = 100;
const COUNTED_WITHIN_MS = 60_000;
/** Before the events come: the worker's first checkpoints, the web app's first look. */
const SETTLE_MS = 8_000;
const WORKSPACE = 'meridian';
const DRAINED_WITHIN_MS = 600_000;

interface Burst {
  readonly report: ProducerReport;
  /** Of the measured span. */
  readonly seconds: number;
  readonly reachedPerSecond: number;
  /** Of the workers' records, when everything is taken in. */
  readonly recordsInAll: number;
  readonly lags: LagSeries;
  readonly lagAtEnd: number;
  readonly use: UseReport;
}

/** Far more events than usual, straight to the log, for minutes: what the workers keep up with, and what is left. */
export async function burstStage(context: StageContext): Promise<StageResult> {
  const { options, ending, note } = context;
  const product = await startProduct(context, options.burstWorkers);
  const { platform, hot } = product;
  const workerUrls = Array.from({ length: options.burstWorkers }, (_, n) => platform.workerUrl(n + 1));
  await until(async () => isBalanced(await lookAtIntake(workerUrls)), BALANCED_WITHIN_MS, LOOK_EVERY_MS);
  await pause(SETTLE_MS);
  const startedMs = Date.now();
  const freshness = new Freshness(hot, WORKSPACE);
  ending.add(() => freshness.stop());
  const burst = await measureBurst(context, product, workerUrls, freshness);
  const { report, lagAtEnd } = burst;
  freshness.enter('drain');
  note(`burst over: ${report.perSecond} events/s; ${lagAtEnd} behind`);
  const drainMeter = new UseMeter(product.pids());
  const drain = await untilDrained(workerUrls, burst.recordsInAll, inOwnTime(report.endedMs));
  const drainUse = drainMeter.stop();
  freshness.enter('after');
  await pause(AFTER_SECONDS * 1_000);
  freshness.stop();
  const { ledger, waitedMs } = await untilCounted(hot, startedMs, report.produced, COUNTED_WITHIN_MS);
  return {
    figures: {
      workers: options.burstWorkers,
      warmUpSeconds: WARM_UP_SECONDS,
      seconds: tenths(burst.seconds),
      wantedPerSecond: options.burstRate,
      reachedPerSecond: burst.reachedPerSecond,
      lagRecords: { ...burst.lags.summary(), atEnd: lagAtEnd },
      drainSeconds: drain.seconds,
      freshnessMs: freshness.summary(),
      freshnessUnread: freshness.failures,
      produced: report.produced,
      ...ledger,
      countedAfterMs: waitedMs,
      burstUse: burst.use,
      drainUse,
      producer: report,
    },
    failures: [
      ...(drain.left === 0 ? [] : [`${drain.left} events were still left after ${drain.seconds} s`]),
      ...ledgerFailures(ledger, report.produced, 'burst'),
      ...unexpectedEnds(platform),
    ],
  };
}

/** From the end of the warm-up until the producer has ended. */
async function measureBurst(
  context: StageContext,
  product: Product,
  workerUrls: readonly string[],
  freshness: Freshness,
): Promise<Burst> {
  const probe = await LagProbe.open(product.log, workerUrls);
  const producer = startBurst(context, product);
  await producer.started;
  const idle = await lookAtIntake(workerUrls);
  context.note(`warming up for ${WARM_UP_SECONDS} s`);
  await pause(WARM_UP_SECONDS * 1_000);
  const fromMs = performance.now();
  const before = producer.produced;
  const lags = new LagSeries();
  const meter = new UseMeter(withProducer(product, producer));
  freshness.enter('burst');
  const lagAtEnd = await watchUntilEnded(producer, probe, lags);
  const use = meter.stop();
  const report = await producer.ended;
  const seconds = (inOwnTime(report.endedMs) - fromMs) / 1_000;
  return {
    report,
    seconds,
    reachedPerSecond: Math.round((report.produced - before) / seconds),
    recordsInAll: idle.records + report.produced,
    lags,
    lagAtEnd,
    use,
  };
}

/** Another process's time as `performance.now()` of this one. */
const inOwnTime = (epochMs: number): number => epochMs - performance.timeOrigin;

function startBurst({ options, ending }: StageContext, { platform, schemaId }: Product): Producer {
  const producer = startProducer({
    brokers: platform.cluster.addresses.kafka.brokers,
    schemaId,
    events: options.burstRate * (options.burstSeconds + WARM_UP_SECONDS),
    ratePerSecond: options.burstRate,
    users: options.users,
    seconds: options.burstSeconds + WARM_UP_SECONDS,
  });
  ending.add(() => producer.kill());
  return producer;
}

function withProducer(product: Product, { pid }: Producer): ReadonlyMap<string, number> {
  const pids = new Map(product.pids());
  if (pid !== undefined) pids.set('producer', pid);
  return pids;
}

/** Looks at the lag until the producer has ended; returns the first look after that. */
async function watchUntilEnded(producer: Producer, probe: LagProbe, lags: LagSeries): Promise<number> {
  let hasEnded = false;
  const end = (): void => {
    hasEnded = true;
  };
  const ended = producer.ended.then(end, end);
  for (;;) {
    const lag = await probe.look();
    if (hasEnded) return lag;
    lags.add(lag);
    await Promise.race([pause(LOOK_EVERY_MS), ended]);
  }
}

/** @param records that the workers have taken in when everything is */
async function untilDrained(
  workerUrls: readonly string[],
  records: number,
  endedMs: number,
): Promise<{ readonly seconds: number; readonly left: number }> {
  for (;;) {
    const now = await lookAtIntake(workerUrls);
    const left = Math.max(now.lag, records - now.records);
    const waitedMs = now.atMs - endedMs;
    const seconds = tenths(waitedMs / 1_000);
    if (left === 0 || waitedMs > DRAINED_WITHIN_MS) return { seconds, left };
    await pause(DRAIN_LOOK_EVERY_MS);
  }
}
