import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EngineStatus } from '../../src/server/engineStatus.ts';
import { sendJson } from './problem.ts';

/** `degraded`: it serves, and something that it works on is away. `not_ready`: it can serve nothing. */
export type Readiness = 'ready' | 'degraded' | 'not_ready';

/**
 * What the server says of itself to machines. It is ready as long as it can know who asks: of other engines' outages
 * the pages and the ingestion edge tell themselves, which they could not behind a balancer that took them out.
 */
export class Health {
  readonly #engines: () => readonly EngineStatus[];
  #isStopping = false;

  /** @param engines as they are known now, without asking them */
  constructor(engines: () => readonly EngineStatus[]) {
    this.#engines = engines;
  }

  /** From now on the server says that it takes nothing new. */
  stop(): void {
    this.#isStopping = true;
  }

  get readiness(): Readiness {
    const isDown = (engine: EngineStatus['engine']): boolean =>
      this.#engines().some((one) => one.engine === engine && one.state === 'down');
    if (this.#isStopping || isDown('database')) return 'not_ready';
    return isDown('event_log') || isDown('hot_store') ? 'degraded' : 'ready';
  }

  /** Answers `/healthz` (the process runs) and `/readyz` (it can serve); false for other paths. */
  handle(req: IncomingMessage, res: ServerResponse, path: string, withDetails: boolean): boolean {
    if (path !== '/healthz' && path !== '/readyz') return false;
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.writeHead(405, { allow: 'GET, HEAD' }).end();
      return true;
    }
    if (path === '/healthz' && !withDetails) {
      sendJson(res, 200, { status: 'ok' });
      return true;
    }
    const { readiness } = this;
    const code = path === '/readyz' && readiness === 'not_ready' ? 503 : 200;
    const checks = this.#engines().map(({ engine, ...status }) => ({ name: engine, ...status }));
    sendJson(res, code, { status: readiness, ...(withDetails && { checks }) });
    return true;
  }
}
