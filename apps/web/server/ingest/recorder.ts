import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeRawEvent, MAX_EVENT_BYTES, type RawEvent, TOPICS } from '@ebap/pipeline/contracts';
import { AppError } from '@ebap/pipeline/errors';
import type { AppendRecord, EventLog } from '@ebap/pipeline/ports';
import type { RejectedInput } from './deadLetters.ts';
import type { ParsedEvent } from './outcome.ts';
import { sealField } from './sealing.ts';
import type { Subject, SubjectDirectory } from './subjects.ts';

export interface RecorderOptions {
  readonly log: EventLog;
  readonly subjects: SubjectDirectory;
  /** Id of the raw event schema in the registry. */
  readonly schemaId: number;
  /** How long the log may take to acknowledge. */
  readonly appendTimeoutMs: number;
}

export interface IndexedEvent {
  /** Place in the request. */
  readonly index: number;
  readonly event: ParsedEvent;
}

export interface RecordResult {
  readonly accepted: number;
  readonly rejected: readonly (RejectedInput & { readonly index: number })[];
  /** Encoded bytes that the log took. */
  readonly bytes: number;
}

/** Encoded between two turns of the event loop, so that a large batch does not hold up everybody else. */
const SLICE = 500;

/** Enciphers, encodes and appends sound events: the last stretch before a producer is told "accepted". */
export class EventRecorder {
  readonly #options: RecorderOptions;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /**
   * Resolves when all events are durable on the log; events too large when encoded are told, the others stand.
   * @throws AppError `unavailable` (also when the log does not answer in time): nothing is known, send all again.
   */
  async record(workspaceId: string, events: readonly IndexedEvent[]): Promise<RecordResult> {
    if (events.length === 0) return { accepted: 0, rejected: [], bytes: 0 };
    const subjects = await this.#options.subjects.resolve(workspaceId, userIds(events));
    const records: AppendRecord[] = [];
    const rejected: (RejectedInput & { readonly index: number })[] = [];
    let bytes = 0;
    let sinceTurn = 0;
    for (const { index, event } of events) {
      if (++sinceTurn > SLICE) {
        sinceTurn = 1;
        await nextTurn();
      }
      const subject = subjects.get(event.userId);
      if (subject === undefined) throw new AppError('internal', 'a subject was not resolved');
      const value = encodeRawEvent(toRawEvent(workspaceId, event, subject), this.#options.schemaId);
      if (value.length > MAX_EVENT_BYTES) {
        const rejection = { code: 'too_large', message: 'A record may have 32 KiB.' } as const;
        rejected.push({ index, rejection, raw: () => JSON.stringify(event) });
        continue;
      }
      bytes += value.length;
      records.push({ partition: subject.partition, key: subject.keyBytes, value });
    }
    if (records.length > 0) await this.#append(records);
    return { accepted: records.length, rejected, bytes };
  }

  async #append(records: readonly AppendRecord[]): Promise<void> {
    const { log, appendTimeoutMs } = this.#options;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new AppError('unavailable', 'the log did not acknowledge in time', { retryable: true })),
      appendTimeoutMs,
    );
    try {
      await Promise.race([log.append(TOPICS.eventsRaw, records), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function* userIds(events: readonly IndexedEvent[]): Generator<string> {
  for (const { event } of events) yield event.userId;
}

/** The event as it lies on the log: sensitive fields enciphered, the person behind a pseudonym. */
export function toRawEvent(workspaceId: string, event: ParsedEvent, subject: Subject): RawEvent {
  return {
    workspaceId,
    id: event.id,
    userId: event.userId,
    action: event.action,
    timestampMs: event.timestampMs,
    location: event.location,
    platform: event.platform,
    itemId: event.itemId,
    amountUnits: event.amountUnits,
    currency: event.currency,
    emailSealed: sealOptional(event.email, 'email', workspaceId, event, subject),
    paymentHashSealed: sealOptional(event.paymentHash, 'payment_hash', workspaceId, event, subject),
    extra: event.extra,
    pseudonym: subject.pseudonym,
  };
}

/** Without a key (the person was erased) a sensitive value is not kept at all. */
function sealOptional(
  text: string | null,
  field: 'email' | 'payment_hash',
  workspaceId: string,
  event: ParsedEvent,
  { key }: Subject,
): Uint8Array | null {
  if (text === null || key === null) return null;
  const context = { workspaceId, eventId: event.id, timestampMs: event.timestampMs, field };
  return sealField(text, key.keyId, key.dataKey, context);
}
