import { HttpProblem, RETRY_AFTER_S, retryAfter } from '../http/problem.ts';
import { SharedBudget } from './sharedBudget.ts';

export interface InFlightLimits {
  /** Of all requests whose workspace is known. */
  readonly totalBytes: number;
  /** Of all requests that have not shown a key yet; besides `totalBytes`. */
  readonly anonymousBytes: number;
}

/** The most that one workspace may have of all workspaces' bytes. */
const WORKSPACE_SHARE = 1 / 2;
/** The most that one address may have of the bytes without a key. */
const ADDRESS_SHARE = 1 / 4;

/**
 * Bounds the bytes of requests that are not answered yet. What was received counts, never what was announced. Requests
 * that have not shown a key have a budget of their own: they can't keep those out that have.
 */
export class InFlightBytes {
  readonly #workspaces: SharedBudget;
  readonly #addresses: SharedBudget;
  #requests = 0;

  constructor({ totalBytes, anonymousBytes }: InFlightLimits) {
    this.#workspaces = new SharedBudget(totalBytes, totalBytes * WORKSPACE_SHARE);
    this.#addresses = new SharedBudget(anonymousBytes, anonymousBytes * ADDRESS_SHARE);
  }

  get bytes(): number {
    return this.#workspaces.bytes + this.#addresses.bytes;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Runs a request of the workspace; its lease ends with it. */
  ofWorkspace<T>(workspaceId: string, work: (lease: ByteLease) => Promise<T>): Promise<T> {
    return this.#run(new ByteLease(this.#workspaces, this.#workspaces, workspaceId), work);
  }

  /** Runs a request that has not shown a key yet. */
  ofAddress<T>(address: string, work: (lease: ByteLease) => Promise<T>): Promise<T> {
    return this.#run(new ByteLease(this.#workspaces, this.#addresses, address), work);
  }

  async #run<T>(lease: ByteLease, work: (lease: ByteLease) => Promise<T>): Promise<T> {
    this.#requests++;
    try {
      return await work(lease);
    } finally {
      lease.end();
      this.#requests--;
    }
  }
}

/** The bytes of one request: they grow as its body arrives. */
export class ByteLease {
  readonly #workspaces: SharedBudget;
  #budget: SharedBudget;
  #holder: string;
  #bytes = 0;

  constructor(workspaces: SharedBudget, budget: SharedBudget, holder: string) {
    this.#workspaces = workspaces;
    this.#budget = budget;
    this.#holder = holder;
  }

  /** @throws HttpProblem 503 `overloaded` when there is no room. */
  grow(bytes: number): void {
    take(this.#budget, this.#holder, bytes, this.#budget === this.#workspaces);
    this.#bytes += bytes;
  }

  /** The key was shown: from now on the bytes are the workspace's. @throws HttpProblem 503 `overloaded`. */
  assign(workspaceId: string): void {
    take(this.#workspaces, workspaceId, this.#bytes, true);
    this.#budget.give(this.#holder, this.#bytes);
    this.#budget = this.#workspaces;
    this.#holder = workspaceId;
  }

  end(): void {
    this.#budget.give(this.#holder, this.#bytes);
    this.#bytes = 0;
  }
}

function take(budget: SharedBudget, holder: string, bytes: number, isOfWorkspace: boolean): void {
  const outcome = budget.take(holder, bytes);
  if (outcome === 'taken') return;
  const anonymous = 'Too much is under way without a key in the headers; with one it is not held up by others.';
  const known = outcome === 'share_full' ? 'This workspace has too much under way.' : 'Too much is under way.';
  throw new HttpProblem(503, 'overloaded', isOfWorkspace ? known : anonymous, {}, retryAfter(RETRY_AFTER_S));
}
