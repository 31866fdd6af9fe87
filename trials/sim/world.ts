import { TOPICS } from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import { eventTaskKind, type GroupTask, rollupTaskKind, WorkerGroup } from '@ebap/pipeline/runtime';
import { onlySchema } from '@ebap/pipeline/tasks';
import { Actor, type EffectCounter, type Faults } from './actor.ts';
import { type Mutant, mutateTasks } from './mutants.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { SimHot } from './simHot.ts';
import { SimLog } from './simLog.ts';
import { SimStore } from './simStore.ts';
import { RAW_EVENT_SCHEMA_ID, Workload } from './workload.ts';

export const PARTIAL_PARTITIONS = 2;
/** A Saturday noon; nothing depends on it. */
export const START_MS = 1_795_262_400_000;
const HOUR = 3_600_000;
const NO_FAULTS: Faults = { kill: 0, pause: 0, lostRequest: 0, lostResponse: 0, slow: 0, killAtEffect: -1 };
const SETTINGS = {
  checkpointEveryMs: 60_000,
  tickEveryMs: 15_000,
  idleTickEveryMs: 60_000,
  fetchMaxBytes: 1 << 20,
  leaseTtlMs: 60_000,
  balanceEveryMs: 16_000,
};

/** The end state of one simulation, for the oracle. */
export interface World {
  readonly seed: number;
  readonly log: SimLog;
  readonly hot: SimHot;
  readonly partitions: number;
  readonly workspaces: readonly string[];
  /** Windows that were final when the hot store lost its content can't be expected in it; 0 = nothing was lost. */
  readonly lostThroughMs: number;
  readonly kills: number;
  readonly effects: number;
  readonly commits: number;
  readonly faults: readonly string[];
}

interface Plan {
  readonly partitions: number;
  readonly workers: number;
  readonly durationMs: number;
  readonly faults: Faults;
  readonly loseHotAtMs: number | null;
}

function planOf(seed: number): Plan {
  const r = new Random(seed * 13 + 5);
  const calm = r.chance(0.1);
  // Half of the seeds aim one kill at one effect, the others spread faults.
  const aimed = r.chance(0.5);
  const faults: Faults = calm
    ? NO_FAULTS
    : aimed
      ? { ...NO_FAULTS, slow: 0.02, killAtEffect: r.int(12_000) }
      : {
          kill: r.next() * 0.004,
          pause: r.next() * 0.002,
          lostRequest: r.next() * 0.01,
          lostResponse: r.next() * 0.01,
          slow: 0.05,
          killAtEffect: -1,
        };
  return {
    partitions: 1 + r.int(3),
    workers: 1 + r.int(2),
    durationMs: 10 * 60_000 + r.int(50 * 60_000),
    faults,
    loseHotAtMs: r.chance(0.15) ? r.int(HOUR) : null,
  };
}

/** Runs one seeded world to its end: producers stop, faults stop, ticks carry every window to its final state. */
export async function simulate(seed: number, mutant: Mutant | null = null): Promise<World> {
  const plan = planOf(seed);
  const random = new Random(seed);
  const scheduler = new Scheduler(START_MS);
  const log = new SimLog(scheduler, new Random(seed * 3 + 2), random.chance(0.5) ? 'snapshot' : 'records');
  log.createTopic(TOPICS.eventsRaw, plan.partitions);
  log.createTopic(TOPICS.cdcUsers, plan.partitions);
  log.createTopic(TOPICS.cdcReference, 1);
  log.createTopic(TOPICS.windowsPartial, PARTIAL_PARTITIONS);
  log.createTopic(TOPICS.deadLetters, plan.partitions);
  const hot = new SimHot(mutant !== 'no-fence');
  const store = new SimStore(scheduler, mutant);
  const effects: EffectCounter = { count: 0 };
  const faultsSeen: string[] = [];
  const state = { kills: 0, calm: false, lostThroughMs: 0 };

  const spawn = (n: number): void => {
    const actor = new Actor(`worker-${n}`, {
      scheduler,
      random: new Random(seed * 31 + n),
      faults: state.calm ? NO_FAULTS : plan.faults,
      effects,
      onKill: () => {
        state.kills++;
        scheduler.after(random.int(40_000), () => spawn(n + plan.workers));
      },
    });
    const stop = new AbortController();
    const group = new WorkerGroup(
      workerTasks(actor, log, hot, plan.partitions, mutant),
      { log: log.for(actor), store: store.for(actor), files: store.filesFor(actor), clock: actor.clock },
      SETTINGS,
      actor.name,
      (lease, error) =>
        faultsSeen.push(`${lease.task}/${lease.partition}: ${error instanceof Error ? error.message : String(error)}`),
    );
    group.run(stop.signal).catch((error: unknown) => {
      faultsSeen.push(`group: ${error instanceof Error ? error.stack : String(error)}`);
    });
    // Some workers leave politely and come back: partitions are traded.
    if (!state.calm && random.chance(0.4)) {
      scheduler.after(random.int(20 * 60_000), () => {
        if (!actor.alive) return;
        stop.abort();
        scheduler.after(60_000 + random.int(60_000), () => actor.kill());
      });
    }
  };

  new Workload(
    { seed, partitions: plan.partitions, users: 25, events: 500, durationMs: plan.durationMs },
    scheduler,
    log,
  ).start();
  for (let n = 0; n < plan.workers; n++) scheduler.after(random.int(5_000), () => spawn(n));
  const workspaces = ['meridian', 'acme', '_system'];
  const finalThroughMs = (): number =>
    Math.min(...workspaces.slice(0, 2).map((w) => Number(hot.hash(hotKeys.progress(w)).get('finalThroughMs') ?? 0)));
  if (plan.loseHotAtMs !== null)
    scheduler.after(plan.loseHotAtMs, () => {
      state.lostThroughMs = Math.max(
        ...workspaces.map((w) => Number(hot.hash(hotKeys.progress(w)).get('finalThroughMs') ?? 0)),
      );
      hot.lose();
    });
  const producedMs = START_MS + plan.durationMs + 5 * 60_000;
  await scheduler.run(() => scheduler.nowMs >= producedMs);
  state.calm = true;
  // Whoever is left is replaced by a healthy worker; the ledger's and all windows' ends must be passed.
  scheduler.after(1, () => spawn(10_000));
  const enough = producedMs + 85 * 60_000;
  const giveUpMs = producedMs + 6 * HOUR;
  await scheduler.run(
    () => (scheduler.nowMs >= enough && finalThroughMs() >= producedMs + 65 * 60_000) || scheduler.nowMs >= giveUpMs,
  );
  return {
    seed,
    log,
    hot,
    partitions: plan.partitions,
    workspaces,
    lostThroughMs: state.lostThroughMs,
    kills: state.kills,
    effects: effects.count,
    commits: store.commits,
    faults: faultsSeen,
  };
}

function workerTasks(
  actor: Actor,
  log: SimLog,
  hot: SimHot,
  partitions: number,
  mutant: Mutant | null,
): readonly GroupTask[] {
  const seal = (payload: Uint8Array) => ({ payload: Buffer.from(payload).toString('base64'), sealed: false });
  const config = {
    partitions,
    partialPartitions: PARTIAL_PARTITIONS,
    schemas: onlySchema(RAW_EVENT_SCHEMA_ID),
    feedPerCut: 4,
  };
  const ports = { log: log.for(actor), hot: hot.for(actor), clock: actor.clock, seal };
  return mutateTasks(mutant, actor.clock, [
    { kind: eventTaskKind(config, ports), partitions },
    { kind: rollupTaskKind(partitions, ports), partitions: PARTIAL_PARTITIONS },
  ]);
}
