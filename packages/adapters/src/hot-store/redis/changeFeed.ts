import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@ebap/pipeline/errors';
import type { HotChange } from '@ebap/pipeline/ports';
import type { Redis } from 'ioredis';
import { parseChangeMessage } from './changeMessage.ts';
import { toAppError } from './faults.ts';
import { CHANGES_CHANNEL } from './names.ts';
import { Outbox } from './outbox.ts';
import { SequenceLedger } from './sequenceLedger.ts';
import type { TagDirectory, TopicSequences } from './tagDirectory.ts';

export interface ChangeFeedOptions {
  readonly directory: TagDirectory;
  /** A connection of its own for listening; ends when it breaks. */
  readonly connect: (attempt: number) => Redis;
  readonly answerTimeoutMs: number;
}

/** How often the sequences are read beside listening. Reading many tags takes a while: then less often. */
const LOOK_EVERY_MS = 1_000;
const LOOK_MS_PER_TAG = 5;
/** Messages kept while the sequences are read; what is beyond is found missing, and read. */
const MAX_EARLY_MESSAGES = 1_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;

/**
 * Follows all topics for the subscriptions of one handle. What is published is heard at once; what may have been
 * missed (a broken connection, a message that a node dropped, data that the server lost) is found by reading the
 * sequences: after each connect, and every second.
 */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #ledger = new SequenceLedger();
  readonly #outboxes = new Set<Outbox>();
  readonly #closing = new AbortController();
  #running: Promise<void> | null = null;
  /** The connection that is listened on, once everything before it has been compared. */
  #listening = Promise.withResolvers<Redis>();
  #isListening = false;
  #lastError: unknown = null;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
  }

  /** Every flush after this returned is told. @throws AppError `unavailable` when nothing can be heard for now. */
  async subscribe(prefix: string, onChange: (change: HotChange) => void): Promise<{ close(): Promise<void> }> {
    if (this.#closing.signal.aborted) throw new AppError('unavailable', 'The hot store is closed.');
    this.#running ??= this.#run();
    const connection = await this.#connected();
    // What was published before the answer has been heard before it, so the subscription begins here.
    await connection.ping().catch((error: unknown) => Promise.reject(toAppError(error, 'subscribing')));
    const outbox = new Outbox(prefix, onChange);
    this.#outboxes.add(outbox);
    return {
      close: async () => {
        this.#outboxes.delete(outbox);
        outbox.close();
      },
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const outbox of this.#outboxes) outbox.close();
    this.#outboxes.clear();
    await this.#running;
  }

  async #connected(): Promise<Redis> {
    const patience = new AbortController();
    const tooLate = sleep(2 * this.#options.answerTimeoutMs, null, { signal: patience.signal, ref: false });
    try {
      const listening = await Promise.race([this.#listening.promise, tooLate]);
      if (listening === null) throw toAppError(this.#lastError ?? new Error('There is no connection'), 'subscribing');
      return listening;
    } finally {
      patience.abort();
      tooLate.catch(() => undefined);
    }
  }

  async #run(): Promise<void> {
    let delayMs = FIRST_RETRY_MS;
    for (let attempt = 0; !this.#closing.signal.aborted; attempt += 1) {
      const startedAt = performance.now();
      try {
        await this.#listen(attempt);
      } catch (error) {
        this.#lastError = error;
      }
      const wasLong = performance.now() - startedAt > LONGEST_RETRY_MS;
      delayMs = wasLong ? FIRST_RETRY_MS : Math.min(LONGEST_RETRY_MS, delayMs * 2);
      await this.#pause(delayMs, this.#closing.signal);
    }
  }

  /** Listens on one connection until it breaks, or is found not to bring everything. */
  async #listen(attempt: number): Promise<void> {
    const connection = this.#options.connect(attempt);
    const broken = new AbortController();
    const end = (): void => connection.disconnect();
    this.#closing.signal.addEventListener('abort', end);
    let cause: Error | null = null;
    connection.on('error', (error) => {
      cause = error;
    });
    connection.on('end', () => broken.abort());
    // Told once the store can be read again, not while only the way to hear of it is back.
    let early: string[] | null = [];
    connection.on('message', (_channel, text) => {
      if (early === null) this.#hear(text);
      else if (early.length < MAX_EARLY_MESSAGES) early.push(text);
    });
    try {
      await connection.connect();
      await connection.subscribe(CHANGES_CHANNEL);
      const { tags, read } = await this.#look();
      this.#tell(this.#ledger.compare(tags, read));
      for (const text of early) this.#hear(text);
      early = null;
      this.#listening.resolve(connection);
      this.#isListening = true;
      await this.#watch(connection, broken.signal);
    } catch (error) {
      throw cause ?? error;
    } finally {
      this.#closing.signal.removeEventListener('abort', end);
      // Who waits for a connection goes on waiting for the next one.
      if (this.#isListening) this.#listening = Promise.withResolvers();
      this.#isListening = false;
      connection.disconnect();
    }
  }

  /** Ends when messages got lost that the connection should have brought. */
  async #watch(connection: Redis, broken: AbortSignal): Promise<void> {
    for (let pauseMs = LOOK_EVERY_MS; ; ) {
      await this.#pause(pauseMs, broken);
      if (broken.aborted) return;
      // Ends the connection if the server leaves it unanswered.
      await connection.ping();
      const { tags, read } = await this.#look().catch(() => ({ tags: null, read: null }));
      if (tags === null) continue;
      const missed = this.#ledger.lookAgain(tags, read);
      this.#tell(missed);
      if (missed.length > 0) return;
      pauseMs = Math.max(LOOK_EVERY_MS, tags.size * LOOK_MS_PER_TAG);
    }
  }

  /** Reads all sequences; tags on servers that don't answer are left out of `read`. */
  async #look(): Promise<{ tags: ReadonlySet<string>; read: ReadonlyMap<string, TopicSequences> }> {
    const { directory } = this.#options;
    const tags = await directory.tags();
    const read = new Map<string, TopicSequences>();
    const answers = await Promise.allSettled(tags.map(async (tag) => [tag, await directory.sequences(tag)] as const));
    for (const answer of answers) if (answer.status === 'fulfilled') read.set(...answer.value);
    return { tags: new Set(tags), read };
  }

  #hear(text: string): void {
    try {
      const { tag, changes } = parseChangeMessage(text);
      this.#tell(changes.map((change) => this.#ledger.hear(tag, change)).filter((change) => change !== null));
    } catch (error) {
      // What a later version says differently is found by reading the sequences.
      this.#lastError = error;
    }
  }

  #tell(changes: readonly HotChange[]): void {
    for (const change of changes) for (const outbox of this.#outboxes) outbox.put(change);
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}
