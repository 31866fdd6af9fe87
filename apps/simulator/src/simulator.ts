import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@ebap/pipeline/errors';
import { ScenarioFile } from './control/index.ts';
import type { Settings } from './env.ts';
import { type Emission, parseScenario, RandomStream, type ScenarioRun, ShopModel } from './model/index.ts';
import { Pacer } from './pacer.ts';
import { ProfileWriter } from './profiles/index.ts';
import { type SendCounts, Sender, untilReady } from './send/index.ts';

export type Log = (message: string) => void;

const TICK_MS = 50;
const CONTROL_MS = 1_000;
const STATUS_MS = 5_000;
const REPORT_MS = 60_000;
const GRACE_MS = 3_000;
const LEAST_PENDING_RECORDS = 5_000;

/** Runs shoppers against the platform at the settings' rate until `signal`; resolves when all is quiet. */
export async function simulate(
  settings: Settings & { readonly eventsPerSecond: number },
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  log(`waiting for ${settings.url}`);
  if (!(await untilReady(settings.url, new RandomStream(settings.seed, 'ready'), signal))) return;
  const run = new Run(settings, Date.now(), log);
  log(`${settings.eventsPerSecond} events/s on average, seed ${settings.seed}`);
  try {
    await run.loop(signal);
  } finally {
    await run.close();
  }
}

/** One run from its start to its end. */
class Run {
  readonly #log: Log;
  readonly #model: ShopModel;
  readonly #pacer: Pacer;
  readonly #senders: ReadonlyMap<string, Sender>;
  readonly #profiles: ProfileWriter | null;
  readonly #control: ScenarioFile;
  /** From the settings, for the whole run. */
  readonly #settled: readonly ScenarioRun[];
  #runs: readonly ScenarioRun[];

  constructor(settings: Settings & { readonly eventsPerSecond: number }, startMs: number, log: Log) {
    const { eventsPerSecond, seed } = settings;
    this.#log = log;
    this.#model = new ShopModel({ seed, startMs, eventsPerSecond });
    this.#settled = settings.scenarios.map((text) => required(parseScenario(text, startMs)));
    this.#runs = this.#settled;
    this.#model.setScenarios(this.#runs);
    this.#senders = openSenders(settings);
    this.#profiles = openProfiles(settings, this.#model, log);
    this.#control = new ScenarioFile(settings.controlFile);
    this.#pacer = new Pacer(this.#model, this.#outlet());
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
    if (lost > 0) this.#log(`${lost} records were not acknowledged in time`);
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
      this.#log(`the scenarios stay as they are: ${reading.problem}`);
      return;
    }
    this.#runs = [...this.#settled, ...reading.runs];
    this.#model.setScenarios(this.#runs);
    this.#log(`scenarios: ${this.#runs.map((r) => r.name).join(', ') || 'none'}`);
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
    for (const [workspace, sender] of this.#senders) this.#log(`${workspace}: ${describe(sender.counts)}`);
    const lagMs = this.#pacer.lagMs(nowMs);
    if (lagMs > 1_000) this.#log(`${Math.round(lagMs / 1_000)} s behind: the platform takes no more`);
  }
}

function openSenders(settings: Settings & { readonly eventsPerSecond: number }): ReadonlyMap<string, Sender> {
  const maxPendingRecords = Math.max(LEAST_PENDING_RECORDS, 2 * settings.eventsPerSecond);
  return new Map(
    Object.entries(settings.apiKeys).map(([workspace, apiKey]) => {
      const stream = new RandomStream(settings.seed, 'send', workspace);
      return [workspace, new Sender({ url: settings.url, apiKey, stream, maxPendingRecords })];
    }),
  );
}

function openProfiles(settings: Settings, model: ShopModel, log: Log): ProfileWriter | null {
  if (settings.databaseUrl === null) {
    log('no EBAP_DATABASE_URL: profiles are left alone');
    return null;
  }
  const writer = new ProfileWriter({
    connectionString: settings.databaseUrl,
    onTrouble: (message) => log(`profiles wait for the database: ${message}`),
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

function describe(counts: SendCounts): string {
  const list = (by: Readonly<Record<string, number>>): string =>
    Object.entries(by)
      .map(([key, count]) => ` ${key} ${count}`)
      .join(',');
  const parts = [`${counts.offered} records`, `${counts.accepted} accepted`];
  if (Object.keys(counts.rejected).length > 0) parts.push(`rejected:${list(counts.rejected)}`);
  if (counts.refused > 0) parts.push(`${counts.refused} refused`);
  if (Object.keys(counts.retries).length > 0) parts.push(`sent again after:${list(counts.retries)}`);
  return parts.join('; ');
}
