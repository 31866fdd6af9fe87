import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from './problem.ts';

/** One thing the server needs. */
export interface HealthCheck {
  readonly name: string;
  /** Rejects when it is not there. */
  readonly check: () => Promise<void>;
}

export interface CheckResult {
  readonly name: string;
  readonly isHealthy: boolean;
  readonly tookMs: number;
}

const FRESH_MS = 2_000;
const TIMEOUT_MS = 3_000;

/** Runs the checks at most every two seconds, however often they are asked for. */
export class Health {
  readonly #checks: readonly HealthCheck[];
  #known: { readonly atMs: number; readonly results: Promise<readonly CheckResult[]> } | null = null;
  #isStopping = false;

  constructor(checks: readonly HealthCheck[]) {
    this.#checks = checks;
  }

  /** From now on the server says that it takes nothing new. */
  stop(): void {
    this.#isStopping = true;
  }

  async results(): Promise<readonly CheckResult[]> {
    const nowMs = performance.now();
    if (this.#known === null || nowMs - this.#known.atMs > FRESH_MS)
      this.#known = { atMs: nowMs, results: Promise.all(this.#checks.map(runCheck)) };
    const results = await this.#known.results;
    return this.#isStopping ? [...results, { name: 'stopping', isHealthy: false, tookMs: 0 }] : results;
  }

  /** Answers `/healthz` (the process runs) and `/readyz` (it can serve); false for other paths. */
  handle(req: IncomingMessage, res: ServerResponse, path: string, withDetails: boolean): boolean {
    if (path !== '/healthz' && path !== '/readyz') return false;
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.writeHead(405, { allow: 'GET, HEAD' }).end();
      return true;
    }
    if (path === '/healthz' && !withDetails) sendJson(res, 200, { status: 'ok' });
    else void this.#answer(res, path, withDetails);
    return true;
  }

  async #answer(res: ServerResponse, path: string, withDetails: boolean): Promise<void> {
    const results = await this.results();
    const isReady = results.every((result) => result.isHealthy);
    const status = path === '/healthz' || isReady ? 200 : 503;
    const checks = withDetails ? { checks: results } : {};
    sendJson(res, status, { status: isReady ? 'ready' : 'not_ready', ...checks });
  }
}

async function runCheck({ name, check }: HealthCheck): Promise<CheckResult> {
  const startMs = performance.now();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer in time')), TIMEOUT_MS);
  const isHealthy = await Promise.race([check(), late]).then(
    () => true,
    () => false,
  );
  clearTimeout(timer);
  return { name, isHealthy, tookMs: Math.round(performance.now() - startMs) };
}
