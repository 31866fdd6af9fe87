import type { IncomingMessage } from 'node:http';
import { HttpProblem, retryAfter } from '../http/problem.ts';
import { type BodyLimits, readRequestBody } from '../http/requestBody.ts';
import { headerSecret, type WriteKeyGate } from './credentials.ts';
import type { EdgeDeadLetters, RejectedInput } from './deadLetters.ts';
import type { ByteLease, InFlightBytes } from './inFlightBytes.ts';
import type { IngestMetrics } from './ingestMetrics.ts';
import type { Rejection } from './outcome.ts';
import type { WriteKey } from './ports.ts';
import type { EventRecorder, IndexedEvent } from './recorder.ts';
import type { TokenBuckets } from './tokenBucket.ts';

/** What a request brought: sound events and refused records, with their places in the request. */
export interface Submission {
  readonly events: IndexedEvent[];
  readonly rejected: (RejectedInput & { readonly index: number })[];
}

export interface SubmissionResult {
  readonly accepted: number;
  readonly rejected: readonly { readonly index: number; readonly rejection: Rejection }[];
  /** Refused records that the cap left out of the dead letters. */
  readonly capped: number;
}

export interface IngestPipelineOptions {
  readonly keys: WriteKeyGate;
  readonly recorder: EventRecorder;
  readonly deadLetters: EdgeDeadLetters;
  readonly inFlight: InFlightBytes;
  readonly bodies: BodyPolicy;
  readonly rate: TokenBuckets;
  readonly metrics: IngestMetrics;
  readonly nowMs: () => number;
}

export interface ReceivedBody {
  readonly body: Buffer;
  /** The key of the headers, or else of the body. @throws HttpProblem `invalid_key`. */
  readonly authenticate: (bodySecret: string | null) => Promise<WriteKey>;
}

export interface BodyPolicy {
  readonly known: BodyLimits;
  /** Of a request that has not shown its key before the body: enough for what Segment's libraries send. */
  readonly anonymous: BodyLimits;
}

const MIB = 1 << 20;
export const BODY_POLICY: BodyPolicy = {
  known: { bodyBytes: 8 * MIB, inflatedBytes: 16 * MIB, timeoutMs: 30_000 },
  anonymous: { bodyBytes: MIB / 2, inflatedBytes: MIB, timeoutMs: 10_000 },
};
/** What a request costs besides its records. */
const REQUEST_TOKENS = 1;

/** The steps that all ingestion endpoints share: read within limits, know the sender, record, answer. */
export class IngestPipeline {
  readonly metrics: IngestMetrics;
  readonly nowMs: () => number;
  readonly #options: IngestPipelineOptions;

  constructor(options: IngestPipelineOptions) {
    this.#options = options;
    this.metrics = options.metrics;
    this.nowMs = options.nowMs;
  }

  /**
   * Reads the body while bounding what is in flight. A key in the headers is checked before the body is read.
   * @throws HttpProblem.
   */
  async withBody<T>(
    req: IncomingMessage,
    work: (received: ReceivedBody) => Promise<T>,
    mayHoldKey = false,
  ): Promise<T> {
    const { keys, inFlight } = this.#options;
    const secret = headerSecret(req);
    const address = req.socket.remoteAddress ?? '';
    if (secret === null && mayHoldKey)
      return inFlight.ofAddress(address, async (lease) => {
        const body = await this.#read(req, this.#options.bodies.anonymous, lease);
        const authenticate = async (bodySecret: string | null): Promise<WriteKey> => {
          const key = await keys.authenticate(bodySecret, address);
          lease.assign(key.workspaceId);
          return key;
        };
        return work({ body, authenticate });
      });
    const key = await keys.authenticate(secret, address);
    return inFlight.ofWorkspace(key.workspaceId, async (lease) => {
      const body = await this.#read(req, this.#options.bodies.known, lease);
      return work({ body, authenticate: async () => key });
    });
  }

  async #read(req: IncomingMessage, limits: BodyLimits, lease: ByteLease): Promise<Buffer> {
    const body = await readRequestBody(req, limits, (bytes) => lease.grow(bytes));
    this.metrics.bodyBytes.add(body.length);
    return body;
  }

  /** Takes from the workspace's allowance. @throws HttpProblem 429 `rate_limited`. */
  charge(workspaceId: string, records: number): void {
    const waitS = this.#options.rate.take(workspaceId, records + REQUEST_TOKENS);
    if (waitS > 0)
      throw new HttpProblem(429, 'rate_limited', 'The workspace sends more than its allowance.', {}, retryAfter(waitS));
  }

  /**
   * Resolves when the sound events are durable and the refused records are kept as dead letters.
   * @throws AppError `unavailable`: nothing is known, the whole batch must come again.
   */
  async submit(workspaceId: string, { events, rejected }: Submission): Promise<SubmissionResult> {
    const { recorder, deadLetters, metrics } = this.#options;
    const recorded = await recorder.record(workspaceId, events);
    const all = [...rejected, ...recorded.rejected].sort((a, b) => a.index - b.index);
    // After the events: had the log refused them, all would come again, and refused records be kept twice.
    const { capped } = await deadLetters.write(workspaceId, all);
    metrics.accepted.add(recorded.accepted);
    metrics.logBytes.add(recorded.bytes);
    for (const { rejection } of all) metrics.rejected.add(1, { code: rejection.code });
    if (capped > 0) metrics.cappedDeadLetters.add(capped);
    return { accepted: recorded.accepted, rejected: all, capped };
  }
}
