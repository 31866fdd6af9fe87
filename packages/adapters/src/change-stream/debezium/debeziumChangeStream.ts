import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError } from '@ebap/pipeline/errors';
import type { ChangeStream, ChangeStreamStatus } from '@ebap/pipeline/ports';
import type pg from 'pg';
import { poolFrom, toAppError } from '../../postgres/index.ts';
import { ConnectApi, type ConnectorStatus } from './connectApi.ts';
import { CONNECTOR_CLASS, connectorConfig, heartbeatTopic } from './connectorConfig.ts';
import { checkOptions, type DebeziumChangeStreamOptions } from './options.ts';
import { readableTrace, redacted } from './readableTrace.ts';
import { RestartPlan } from './restartPlan.ts';
import { beginAnew } from './snapshotAnew.ts';
import { type SourceSlot, sourceSlot, sourceState } from './sourceSlot.ts';

const WATCH_EVERY_MS = 1_000;
/** While it is not streaming, somebody may be waiting for that. */
const LOOK_EVERY_MS = 200;
const HEARTBEAT_RETENTION_MS = 86_400_000;

/**
 * Keeps a connector of Kafka Connect at work: registers it, watches it, restarts what fails, and has it take a new
 * snapshot when the source lost the log it had not read. The connector belongs to the cluster: it goes on when this
 * process ends. Nothing is opened before `start`.
 * @throws AppError `configuration` for names that are none
 */
export function openDebeziumChangeStream(options: DebeziumChangeStreamOptions): ChangeStream {
  checkOptions(options);
  return new DebeziumChangeStream(options);
}

interface Run {
  readonly connect: ConnectApi;
  readonly pool: pg.Pool;
  readonly signal: AbortSignal;
  readonly restarts: RestartPlan;
}

class DebeziumChangeStream implements ChangeStream {
  readonly #options: DebeziumChangeStreamOptions;
  readonly #secrets: readonly string[];
  #state: ChangeStreamStatus['state'] = 'stopped';
  #retainedWalBytes: number | null = null;
  #lastError: string | null = null;
  #hasStreamed = false;
  /** Seen without its publication: what was changed meanwhile was not published. */
  #lacksPublication = false;
  #running: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;

  constructor(options: DebeziumChangeStreamOptions) {
    this.#options = options;
    const { password } = new URL(options.url);
    this.#secrets = [password, decodeURIComponent(password)];
  }

  /**
   * Registers the connector, or finds it as it should be, and resolves once its task runs, or waits for a service that
   * is down; from then on it is watched.
   * @throws AppError `configuration` (what Connect or the source refuses), `topic_mismatch`, `not_found` (the topic).
   */
  async start(): Promise<void> {
    if (this.#running !== null) return;
    const { log, topic, partitions, url, connect, connector } = this.#options;
    const found = await log.partitionCount(topic);
    if (found !== partitions)
      throw new AppError('topic_mismatch', `${topic} has ${found} partitions, not ${partitions}`);
    const stop = new AbortController();
    const { pool, close } = poolFrom({ url });
    const { signal } = stop;
    const run = { pool, signal, connect: new ConnectApi(connect, connector, signal), restarts: new RestartPlan() };
    const begun = Promise.withResolvers<void>();
    this.#state = 'starting';
    this.#lastError = null;
    this.#hasStreamed = false;
    const done = this.#keep(run, begun).finally(async () => {
      await close();
      this.#running = null;
    });
    this.#running = { stop, done };
    await begun.promise;
  }

  /** Ends the watching; the connector goes on. */
  async stop(): Promise<void> {
    this.#running?.stop.abort();
    await this.#running?.done;
    this.#state = 'stopped';
  }

  status(): ChangeStreamStatus {
    return {
      state: this.#state,
      slot: this.#options.slot,
      retainedWalBytes: this.#retainedWalBytes,
      lastCommitMs: null,
      delivered: null,
      lastError: this.#lastError,
    };
  }

  /** Watches until it is stopped. `begun` hears of the first success, or of a fault that waiting does not mend. */
  async #keep(run: Run, begun: PromiseWithResolvers<void>): Promise<void> {
    let isRegistered = false;
    let hasBegun = false;
    while (!run.signal.aborted) {
      try {
        if (!isRegistered) await this.#register(run);
        isRegistered = await this.#look(run);
        hasBegun ||= this.#state !== 'starting';
      } catch (error) {
        if (run.signal.aborted) break;
        const fault = isAppError(error) ? error : toAppError(error, 'watching a connector');
        this.#fail(fault.retryable ? 'starting' : 'failed', fault.message);
        // Only the first try's answer counts: later, somebody may mend it while the stream is watched.
        if (!hasBegun && fault.code === 'configuration') return begun.reject(this.#withoutSecrets(fault));
        hasBegun = true;
      }
      if (hasBegun) begun.resolve();
      const waitMs = this.#state === 'streaming' ? WATCH_EVERY_MS : LOOK_EVERY_MS;
      await sleep(waitMs, undefined, { signal: run.signal }).catch(() => {});
    }
    begun.resolve();
  }

  /** Changes nothing when the connector is there with this configuration: changing it would restart it. */
  async #register({ connect, pool }: Run): Promise<void> {
    const { connector, log, slot } = this.#options;
    // The source is asked first: Connect's validation tells a wrong password and a down server alike.
    await sourceSlot(pool, slot);
    await connect.requirePlugin(CONNECTOR_CLASS);
    await log.createTopic({
      ...{ name: heartbeatTopic(connector), partitions: 1, cleanup: 'compact', retentionMs: HEARTBEAT_RETENTION_MS },
    });
    const wanted = connectorConfig(this.#options);
    const present = await connect.config();
    if (present === null || !isSame(present, wanted)) await connect.configure(wanted);
  }

  /** One look at the connector and the slot, and what has to be done about them. False if the connector is gone. */
  async #look(run: Run): Promise<boolean> {
    const { slot: name, publication } = this.#options;
    const [status, source] = await Promise.all([run.connect.status(), sourceState(run.pool, name, publication)]);
    const { slot, hasPublication } = source;
    this.#retainedWalBytes = slot.kind === 'missing' ? null : slot.retainedBytes;
    if (status === null) {
      this.#state = 'starting';
      return false;
    }
    const lost = await lossOf(run, status, slot);
    if (!hasPublication) {
      this.#lacksPublication = true;
      this.#fail('failed', `The source has no publication ${publication}: nothing is published.`);
    } else if (this.#lacksPublication) await this.#beginAnew(run, 'was without its publication');
    else if (lost !== null) await this.#beginAnew(run, lost);
    else if (status.trace !== null) await this.#restart(run, status.trace);
    else this.#observe(run, status, slot);
    return true;
  }

  #observe(run: Run, { state, tasks }: ConnectorStatus, slot: SourceSlot): void {
    if (state === 'PAUSED' || state === 'STOPPED') {
      this.#fail('failed', `Somebody ${state.toLowerCase()} the connector in Kafka Connect.`);
      return;
    }
    const isRunning = state === 'RUNNING' && tasks.length > 0 && tasks.every((task) => task === 'RUNNING');
    const isStreaming = isRunning && slot.kind === 'usable' && slot.isActive;
    if (isStreaming) {
      this.#hasStreamed = true;
      run.restarts.wentWell(performance.now());
    }
    const isInterrupted = isRunning && !isStreaming && this.#hasStreamed;
    if (isInterrupted) this.#lastError = 'The task runs, but does not read the slot: it is trying to reach the source.';
    // A task reads the slot when it has told all of the snapshot.
    this.#state = isStreaming ? 'streaming' : isRunning && !isInterrupted ? 'snapshot' : 'starting';
  }

  async #restart({ connect, restarts }: Run, trace: string): Promise<void> {
    this.#fail('failed', readableTrace(trace, this.#secrets));
    if (restarts.isDue(performance.now())) await connect.restartFailed();
  }

  async #beginAnew(run: Run, why: string): Promise<void> {
    this.#fail('failed', `The source ${why} (slot ${this.#options.slot}): taking a new snapshot.`);
    this.#hasStreamed = false;
    await beginAnew(this.#options, run);
    this.#lacksPublication = false;
  }

  #fail(state: 'starting' | 'failed', message: string): void {
    this.#state = state;
    this.#lastError = redacted(message, this.#secrets);
  }

  #withoutSecrets(fault: AppError): AppError {
    return new AppError(fault.code, redacted(fault.message, this.#secrets), { context: fault.context });
  }
}

/** Why changes were lost to the connector, if they were. */
async function lossOf({ connect }: Run, { state, trace }: ConnectorStatus, slot: SourceSlot): Promise<string | null> {
  if (slot.kind === 'lost') return 'dropped write-ahead log that the slot had not read';
  if (slot.kind === 'usable') return null;
  // Stopped: a new snapshot was prepared, and whoever did it went before the end. Failed: it had read from the slot.
  const isOrphaned = state === 'STOPPED' || (trace !== null && (await connect.hasOffsets()));
  return isOrphaned ? 'has no such slot any more' : null;
}

/** Connect adds the name to what it was given. */
function isSame(present: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, string>>): boolean {
  const { name: _, ...given } = present;
  const names = Object.keys(wanted);
  return Object.keys(given).length === names.length && names.every((name) => given[name] === wanted[name]);
}
