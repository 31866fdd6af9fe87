import { HttpProblem, RETRY_AFTER_S, retryAfter } from '../http/problem.ts';

/** Bounds the bytes of requests that are not answered yet: beyond, producers are told to come back. */
export class InFlight {
  readonly #limitBytes: number;
  #bytes = 0;
  #requests = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Runs work that holds this many bytes. @throws HttpProblem 503 `overloaded` when there is no room. */
  async hold<T>(bytes: number, work: (grow: (bytes: number) => void) => Promise<T>): Promise<T> {
    let held = 0;
    const grow = (more: number): void => {
      if (this.#bytes + more > this.#limitBytes)
        throw new HttpProblem(
          503,
          'overloaded',
          'Too much is in flight. Send the whole batch again.',
          {},
          retryAfter(RETRY_AFTER_S),
        );
      this.#bytes += more;
      held += more;
    };
    grow(bytes);
    this.#requests++;
    try {
      return await work(grow);
    } finally {
      this.#bytes -= held;
      this.#requests--;
    }
  }
}
