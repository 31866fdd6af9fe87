import type { IncomingMessage, ServerResponse } from 'node:http';
import { ASKED_PATH_HEADER } from '../../src/features/session/signInPath.ts';
import { browserBodyProblem } from './browserBody.ts';
import type { Health } from './health.ts';
import type { HostVerdict } from './hosts.ts';
import { HttpProblem, sendProblem } from './problem.ts';
import { refuse } from './refusal.ts';
import { targetProblem } from './requestTarget.ts';

export interface RouterOptions {
  readonly publicUrl: string;
  readonly health: Health;
  readonly hostOf: (req: IncomingMessage) => HostVerdict;
  readonly secureHeaders: (req: IncomingMessage, res: ServerResponse) => void;
  /** Answers ingestion paths; false for others. */
  readonly ingest: (req: IncomingMessage, res: ServerResponse, path: string) => boolean;
  /** The local identity provider; null where another one is used. */
  readonly identityProvider: ((req: IncomingMessage, res: ServerResponse) => Promise<void>) | null;
  /** Requests below it are the socket gateway's, which listens on the same server. */
  readonly socketPath: string;
  readonly pages: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  readonly onFault: (error: unknown, where: string) => void;
}

/** Headers that only this server may set: what a client sends under these names is dropped. */
const OWN_HEADERS = [
  'x-nonce',
  'x-ebap-client',
  ASKED_PATH_HEADER,
  'content-security-policy',
  'x-middleware-subrequest',
];

/** Decides who answers a request of the public port: health, ingestion, identity provider, or the pages. */
export function router(options: RouterOptions): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
    try {
      route(req, res, path, options);
    } catch (error) {
      fail(error, res, path, options);
    }
  };
}

function route(req: IncomingMessage, res: ServerResponse, path: string, options: RouterOptions): void {
  // Answered already: the gateway was asked before.
  if (path.startsWith(`${options.socketPath}/`)) return;
  const problem = targetProblem(req, path);
  if (problem !== null) {
    refuse(req, res, problem);
    return;
  }
  for (const name of OWN_HEADERS) delete req.headers[name];
  // Machines reach these under whatever name their network gives us, and without cookies.
  if (options.health.handle(req, res, path, false)) return;
  res.setHeader('x-content-type-options', 'nosniff');
  if (options.ingest(req, res, path)) return;
  serveBrowser(req, res, path, options).catch((error: unknown) => fail(error, res, path, options));
}

function fail(error: unknown, res: ServerResponse, path: string, { onFault }: RouterOptions): void {
  onFault(error, path);
  sendProblem(res, new HttpProblem(500, 'internal', 'The server failed.'));
}

async function serveBrowser(
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  options: RouterOptions,
): Promise<void> {
  const verdict = options.hostOf(req);
  if (verdict === 'foreign') {
    refuse(req, res, new HttpProblem(421, 'foreign_host', `This server answers as ${options.publicUrl}.`));
    return;
  }
  if (verdict === 'alias') {
    // One name for everything: cookies and the sign-in belong to it.
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    if (isRead)
      res.writeHead(307, { location: options.publicUrl + (req.url ?? '/'), 'cache-control': 'no-store' }).end();
    else refuse(req, res, new HttpProblem(421, 'other_host', `Use ${options.publicUrl}.`));
    return;
  }
  const problem = browserBodyProblem(req, path);
  if (problem !== null) {
    refuse(req, res, problem);
    return;
  }
  options.secureHeaders(req, res);
  req.headers['x-ebap-client'] = req.socket.remoteAddress ?? '';
  req.headers[ASKED_PATH_HEADER] = req.url ?? '/';
  if (options.identityProvider !== null && (path === '/idp' || path.startsWith('/idp/')))
    await options.identityProvider(req, res);
  else await options.pages(req, res);
}
