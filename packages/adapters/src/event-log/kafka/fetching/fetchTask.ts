import { AppError } from '@ebap/pipeline/errors';
import type { LogBatch } from '@ebap/pipeline/ports';

export interface FetchTaskRequest {
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: number;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  readonly signal: AbortSignal | undefined;
}

/** One call of `fetch` on its way: settled once, by an answer, a fault or its caller's signal. */
export class FetchTask {
  readonly topic: string;
  readonly partition: number;
  readonly answer: Promise<LogBatch>;
  /** When an empty batch is the right answer (monotonic clock). */
  readonly deadlineMs: number;
  /** Moves on past what is not for readers. */
  offset: number;
  maxBytes: number;
  /** Answers that held nothing although something is there. */
  misses = 0;
  /** Since when nothing but faults was seen (monotonic clock). */
  faultSinceMs: number | null = null;
  #settle: { resolve(batch: LogBatch): void; reject(fault: AppError): void } | undefined;
  readonly #detach: () => void;

  constructor(request: FetchTaskRequest) {
    this.topic = request.topic;
    this.partition = request.partition;
    this.offset = request.fromOffset;
    this.maxBytes = request.maxBytes;
    this.deadlineMs = performance.now() + request.maxWaitMs;
    this.answer = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Its caller may have gone when it fails.
    this.answer.catch(() => undefined);
    const { signal } = request;
    const abort = (): void => this.reject(cancelled(signal));
    signal?.addEventListener('abort', abort, { once: true });
    this.#detach = () => signal?.removeEventListener('abort', abort);
    if (signal?.aborted) abort();
  }

  get settled(): boolean {
    return this.#settle === undefined;
  }

  resolve(batch: LogBatch): void {
    this.#settle?.resolve(batch);
    this.#end();
  }

  reject(fault: AppError): void {
    this.#settle?.reject(fault);
    this.#end();
  }

  #end(): void {
    this.#settle = undefined;
    this.#detach();
  }
}

function cancelled(signal: AbortSignal | undefined): AppError {
  return new AppError('cancelled', 'The fetch was cancelled.', { cause: signal?.reason });
}
