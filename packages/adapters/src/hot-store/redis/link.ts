import { AppError } from '@ebap/pipeline/errors';
import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './connection.ts';
import { toAppError } from './faults.ts';

/** How the store is, as this process sees it. */
export interface RedisStatus {
  readonly state: 'up' | 'down';
  /** Since when, ms since the epoch. */
  readonly sinceMs: number;
  /** Why it is down, or was last; null if it never was. */
  readonly lastError: string | null;
}

export interface LinkOptions {
  readonly client: RedisClient;
  readonly answerTimeoutMs: number;
  readonly nowMs: () => number;
}

/** Our bound is the second one: the connection's own, which also ends the connection, comes first. */
const BOUND_SLACK_MS = 500;
const OPEN_TIMEOUT_MS = 10_000;
const REVIVE_AFTER_MS = 500;

/** The way to the server for commands: each call ends in time, with an `AppError` if it fails. */
export class Link {
  readonly client: RedisClient;
  readonly #answerTimeoutMs: number;
  readonly #nowMs: () => number;
  #status: RedisStatus;
  #connectionError: Error | null = null;
  #isOpen = false;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor({ client, answerTimeoutMs, nowMs }: LinkOptions) {
    this.client = client;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#nowMs = nowMs;
    this.#status = { state: 'down', sinceMs: nowMs(), lastError: null };
    const onError = (error: Error): void => {
      this.#connectionError = error;
    };
    // Without a listener the driver prints each failed attempt to connect.
    client.on('error', onError);
    client.on('node error', onError);
    client.on('ready', () => this.#set('up', null));
    client.on('close', () => this.#set('down', this.#connectionError?.message ?? 'The connection was closed.'));
    client.on('end', () => this.#revive());
  }

  get status(): RedisStatus {
    return this.#status;
  }

  /** Connects for the first time. @throws AppError `unavailable`, `configuration`. */
  async open(): Promise<void> {
    try {
      await bounded(this.client.connect(), OPEN_TIMEOUT_MS);
      this.#isOpen = true;
      this.#set('up', null);
    } catch (error) {
      throw toAppError(this.#connectionError ?? error, 'connecting');
    }
  }

  /** Runs commands on the client. `doing` completes the sentence "Redis failed while …". @throws AppError. */
  async call<T>(doing: string, command: (client: RedisClient) => Promise<T>): Promise<T> {
    if (this.client.status !== 'ready') throw this.#notConnected(doing);
    try {
      const answer = await this.#counted(bounded(command(this.client), this.#answerTimeoutMs + BOUND_SLACK_MS));
      this.#set('up', null);
      return answer;
    } catch (error) {
      const fault = toAppError(error, doing);
      if (fault.code === 'unavailable') this.#set('down', fault.message);
      throw fault;
    }
  }

  /** Lets calls end that are under way, then disconnects. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await Promise.allSettled(this.#underWay);
    this.client.disconnect();
  }

  /** All servers that take writes. */
  masters(): readonly Redis[] {
    return this.client instanceof Cluster ? this.client.nodes('master') : [this.client];
  }

  async #counted<T>(call: Promise<T>): Promise<T> {
    this.#underWay.add(call);
    try {
      return await call;
    } finally {
      this.#underWay.delete(call);
    }
  }

  /** The driver gives up for good where finding the server fails in some ways (Sentinels); we don't. */
  #revive(): void {
    if (!this.#isOpen) return;
    setTimeout(() => {
      if (this.#isOpen && this.client.status === 'end') this.client.connect().catch(() => undefined);
    }, REVIVE_AFTER_MS).unref();
  }

  #notConnected(doing: string): AppError {
    const cause = this.#connectionError ?? new Error('There is no connection');
    const fault = toAppError(cause, doing);
    return fault.code === 'internal' ? new AppError('unavailable', fault.message, { retryable: true, cause }) : fault;
  }

  #set(state: RedisStatus['state'], error: string | null): void {
    const lastError = error ?? this.#status.lastError;
    const sinceMs = state === this.#status.state ? this.#status.sinceMs : this.#nowMs();
    if (state === 'up') this.#connectionError = null;
    this.#status = { state, sinceMs, lastError };
  }
}

/** The promise, or an error after a time; what it answers later is not heard. */
async function bounded<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
