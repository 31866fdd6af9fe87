import { PARTITIONS } from '@ebap/pipeline/contracts';
import type { CheckpointStore } from '@ebap/pipeline/ports';
import { until } from '../../../trials/processes/tree.ts';
import { lookAtIntake } from '../intake.ts';
import { ledgerFailures, readLedger, untilCounted } from '../ledger.ts';
import { type ProducerReport, startProducer } from '../producer/producerProcess.ts';
import { type Product, startProduct, unexpectedEnds } from '../product.ts';
import type { StageContext, StageResult } from '../stage.ts';
import { type CatchUp, measureCatchUp } from './catchUp.ts';
import { HeldPartitions, openCheckpoints, untilCheckpointed } from './heldPartitions.ts';

const READY_WITHIN_MS = 180_000;
const COUNTED_WITHIN_MS = 60_000;
const SETTLED_WITHIN_MS = 60_000;

interface Round {
  readonly fill: ProducerReport;
  readonly catchUp: CatchUp;
  readonly countedAfterMs: number;
  readonly duplicates: number;
  readonly failures: readonly string[];
}

/**
 * The consume ceiling: events lie on the log before any worker may take them in; then one worker, started anew, takes
 * them all, and for the same number again two workers share them.
 */
export async function consumeStage(context: StageContext): Promise<StageResult> {
  const { options, ending, note } = context;
  const product = await startProduct(context, 1);
  const store = openCheckpoints(product.platform.cluster.addresses.platformPostgresUrl);
  ending.add(() => store.close());
  const rounds: Round[] = [];
  for (const workers of [1, 2]) {
    const round = await consumeRound(context, product, store, workers);
    rounds.push(round);
    note(`${workers} worker(s): ${round.catchUp.warm.eventsPerSecond} events/s`);
  }
  const [one, two] = rounds;
  const scaling = (two?.catchUp.warm.eventsPerSecond ?? 0) / (2 * (one?.catchUp.warm.eventsPerSecond ?? 0));
  return {
    figures: {
      events: options.consumeEvents,
      oneWorker: figuresOf(one),
      twoWorkers: figuresOf(two),
      scalingEfficiency: Math.round(scaling * 1_000) / 1_000,
    },
    failures: rounds.flatMap((round) => round.failures),
  };
}

function figuresOf(round: Round | undefined): Readonly<Record<string, unknown>> {
  if (round === undefined) return {};
  const { fill, catchUp, countedAfterMs, duplicates } = round;
  return { ...catchUp, countedAfterMs, duplicates, fillPerSecond: fill.perSecond, fillRetries: fill.retries };
}

async function consumeRound(
  context: StageContext,
  product: Product,
  store: CheckpointStore,
  workers: number,
): Promise<Round> {
  const { options, note } = context;
  const { platform, hot } = product;
  const startedMs = Date.now();
  const before = await readLedger(hot, startedMs);
  await untilCheckpointed(store, product.log);
  await Promise.all(platform.workers.map((worker) => worker.stop()));
  const held = await HeldPartitions.take(store);
  context.ending.add(() => held.drop());
  note(`filling ${options.consumeEvents} events, no worker runs`);
  const fill = await fillLog(context, product);
  note(`filled: ${fill.perSecond} events/s; starting ${workers} worker(s)`);
  await startWorkers(product, workers);
  const workerUrls = urlsOf(product, workers);
  const catchUp = await measureCatchUp({
    workerUrls,
    pids: product.pids(),
    events: fill.produced,
    letGo: () => held.letGo(),
    isRunning: async () => {
      const ready = await Promise.all(platform.workers.slice(0, workers).map((worker) => worker.isReady()));
      return ready.every(Boolean);
    },
  });
  const expected = before.counted + fill.produced;
  const { ledger, waitedMs } = await untilCounted(hot, startedMs, expected, COUNTED_WITHIN_MS);
  const what = `${workers} worker(s)`;
  return {
    fill,
    catchUp,
    countedAfterMs: waitedMs,
    duplicates: ledger.duplicate - before.duplicate,
    failures: [
      ...(fill.produced === options.consumeEvents ? [] : [`${what}: only ${fill.produced} events were filled`]),
      ...ledgerFailures(ledger, expected, what),
      ...unexpectedEnds(platform),
    ],
  };
}

async function fillLog({ options, ending }: StageContext, { platform, schemaId }: Product): Promise<ProducerReport> {
  const producer = startProducer({
    brokers: platform.cluster.addresses.kafka.brokers,
    schemaId,
    events: options.consumeEvents,
    ratePerSecond: null,
    users: options.users,
  });
  ending.add(() => producer.kill());
  return producer.ended;
}

/** Resolves when they know each other: the second stage's partitions, which nobody holds, are shared out. */
async function startWorkers(product: Product, workers: number): Promise<void> {
  const wanted = product.platform.workers.slice(0, workers);
  for (const worker of wanted) worker.start();
  await Promise.all(wanted.map((worker) => worker.untilReady(READY_WITHIN_MS)));
  const share = PARTITIONS.cluster.partial / workers;
  const isShared = async (): Promise<boolean> =>
    (await lookAtIntake(urlsOf(product, workers))).rollups.every((owned) => owned === share);
  await until(isShared, SETTLED_WITHIN_MS, 250);
}

function urlsOf({ platform }: Product, workers: number): readonly string[] {
  return Array.from({ length: workers }, (_, n) => platform.workerUrl(n + 1));
}
