import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@ebap/adapters/logging';
import { AppError } from '@ebap/pipeline/errors';
import { ScenarioFile } from './control/index.ts';
import type { Settings } from './env.ts';
import {
  type Emission,
  type KnownProfile,
  parseScenario,
  RandomStream,
  type ScenarioRun,
  ShopModel,
} from './model/index.ts';
import { Pacer } from './pacer.ts';
import { ProfileWriter, readKnownProfiles } from './profiles/index.ts';
import { Sender, untilReady } from './send/index.ts';

const TICK_MS = 50;
const CONTROL_MS = 1_000;
const STATUS_MS = 5_000;
const REPORT_MS = 60_000;
const GRACE_MS = 2_000;
const LEAST_PENDING_RECORDS = 5_000;

/**
 * Runs shoppers against the platform at the settings' rate until `signal`; resolves when all is quiet.
 * Throws AppError `configuration` for a scenario that does not exist.
 */
export async function simulate(settings: Settings, signal: AbortSignal, logger: Logger): Promise<void> {
  for (const text of settings.scenarios) required(parseScenario(text, 0));
  logger.log('info', 'Waiting for the platform.', { url: settings.url });
  if (!(await untilReady(settings.url, new RandomStream(settings.seed, 'ready'), signal))) return;
  const { eventsPerSecond, seed, scenarios } = settings;
  const known = await knownProfiles(settings, signal, logger);
  if (signal.aborted) return;
  const run = new Run(settings, Date.now(), known, logger);
  logger.log('info', 'Shoppers are on their way.', { eventsPerSecond, seed, scenarios });
  try {
    await run.loop(signal);
  } finally {
    await run.close();
  }
}

type Known = ReadonlyMap<string, readonly KnownProfile[]>;

/** One run from its start to its end. */
class Run {
  readonly #logger: Logger;
  readonly #model: ShopModel;
  readonly #pacer: Pacer;
  readonly #senders: ReadonlyMap<string, Sender>;
  readonly #profiles: ProfileWriter | null;
  readonly #control: ScenarioFile;
  /** From the settings, for the whole run. */
  readonly #settled: readonly ScenarioRun[];
  #runs: readonly ScenarioRun[];

  constructor(settings: Settings, startMs: number, known: Known, logger: Logger) {
    const { eventsPerSecond, seed } = settings;
    this.#logger = logger;
    this.#model = new ShopModel({ seed, startMs, eventsPerSecond, known });
    this.#settled = settings.scenarios.map((text) => required(parseScenario(text, startMs)));
    this.#runs = this.#settled;
    this.#model.setScenarios(this.#runs);
    this.#senders = openSenders(settings);
    this.#profiles = openProfiles(settings, this.#model, logger);
    this.#control = new ScenarioFile(settings.controlFile);
    this.#pacer = new Pacer(this.#model, this.#outlet());
    // Making the people takes seconds at high rates: that is no lag to catch up.
    this.#model.postpone(this.#pacer.lagMs(Date.now()));
  }

  async loop(signal: AbortSignal): Promise<void> {
    const control = every(CONTROL_MS);
    const status = every(STATUS_MS);
    const report = every(REPORT_MS);
    while (!signal.aborted) {
      const nowMs = Date.now();
      this.#pacer.tick(nowMs);
      if (control(nowMs)) await this.#readControl();
      if (status(nowMs)) await this.#control.writeStatus(this.#status(nowMs));
      if (report(nowMs)) this.#report(nowMs);
      await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    const left = await Promise.all([...this.#senders.values()].map((sender) => sender.close(GRACE_MS)));
    await this.#profiles?.close();
    this.#report(Date.now());
    const lost = left.reduce((a, b) => a + b, 0);
    if (lost > 0) this.#logger.log('warn', 'Records were not acknowledged in time.', { records: lost });
  }

  #outlet(): ConstructorParameters<typeof Pacer>[1] {
    const senders = this.#senders;
    const profiles = this.#profiles;
    return {
      get hasRoom(): boolean {
        return [...senders.values()].every((sender) => sender.hasRoom);
      },
      record: (emission: Emission) => senders.get(emission.workspace)?.offer(emission.body),
      profile: (change) => profiles?.put(change),
    };
  }

  async #readControl(): Promise<void> {
    const reading = await this.#control.read();
    if (reading.kind === 'unchanged') return;
    if (reading.kind === 'unreadable') {
      this.#logger.log('warn', `The scenarios stay as they are: ${reading.problem}`);
      return;
    }
    this.#runs = [...this.#settled, ...reading.runs];
    this.#model.setScenarios(this.#runs);
    this.#logger.log('info', 'The scenarios changed.', { scenarios: this.#runs.map((r) => r.name) });
  }

  #status(nowMs: number): unknown {
    return {
      atMs: nowMs,
      lagMs: this.#pacer.lagMs(nowMs),
      postponedMs: this.#pacer.postponedMs,
      visits: this.#model.pending,
      scenarios: this.#runs.filter((r) => nowMs < r.startMs + r.durationSeconds * 1_000),
      workspaces: Object.fromEntries([...this.#senders].map(([name, sender]) => [name, sender.counts])),
      profiles: this.#profiles?.counts ?? null,
    };
  }

  #report(nowMs: number): void {
    const profiles = this.#profiles?.counts ?? null;
    const lagMs = this.#pacer.lagMs(nowMs);
    for (const [workspace, { counts }] of this.#senders) this.#logger.log('info', 'Sent.', { workspace, ...counts });
    if (profiles !== null) this.#logger.log('info', 'Profiles written.', { ...profiles });
    if (lagMs > 1_000) this.#logger.log('warn', 'The platform takes no more: shoppers wait.', { lagMs });
  }
}

/** A restarted simulator goes on with the people it has. */
async function knownProfiles({ databaseUrl }: Settings, signal: AbortSignal, logger: Logger): Promise<Known> {
  if (databaseUrl === undefined) return new Map();
  return readKnownProfiles(databaseUrl, signal, (error) =>
    logger.log('warn', 'Shoppers wait for the database.', { error }),
  );
}

function openSenders(settings: Settings): ReadonlyMap<string, Sender> {
  const maxPendingRecords = Math.max(LEAST_PENDING_RECORDS, 2 * settings.eventsPerSecond);
  return new Map(
    Object.entries(settings.apiKeys).map(([workspace, apiKey]) => {
      const stream = new RandomStream(settings.seed, 'send', workspace);
      return [workspace, new Sender({ url: settings.url, apiKey, stream, maxPendingRecords })];
    }),
  );
}

function openProfiles(settings: Settings, model: ShopModel, logger: Logger): ProfileWriter | null {
  if (settings.databaseUrl === undefined) {
    logger.log('info', 'Profiles are left alone: there is no EBAP_DATABASE_URL.');
    return null;
  }
  const writer = new ProfileWriter({
    url: settings.databaseUrl,
    onTrouble: (error) => logger.log('warn', 'Profiles wait for the database.', { error }),
  });
  writer.start(model.residents());
  return writer;
}

function required(run: ReturnType<typeof parseScenario>): ScenarioRun {
  if ('problem' in run) throw new AppError('configuration', run.problem);
  return run;
}

/** True when the period has passed since it was last true. */
function every(periodMs: number): (nowMs: number) => boolean {
  let nextMs = 0;
  return (nowMs) => {
    if (nextMs === 0) nextMs = nowMs + periodMs;
    if (nowMs < nextMs) return false;
    nextMs = nowMs + periodMs;
    return true;
  };
}
