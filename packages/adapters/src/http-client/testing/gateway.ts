import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';

/** Answers in place of the service, or hands the request on when it returns false. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A server of the test's own between a client and a service, which does what the test says. */
export interface Gateway {
  readonly url: string;
  /** Requests seen, as `GET /path`. */
  readonly seen: string[];
  /** From now on. Default: hand everything on. */
  answer(handler: Handler): void;
  /** Ends all connections and refuses new ones. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

/** @param target base address of the service behind it; without one, the handler must answer everything. */
export async function startGateway(target?: string): Promise<Gateway> {
  const seen: string[] = [];
  let handler: Handler = () => false;
  const base = target === undefined ? null : new URL(target);
  const listener: RequestListener = (incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    if (handler(incoming, response)) return;
    if (base === null) response.writeHead(404).end();
    else handOn(base, incoming, response);
  };
  let server = await listening(listener, 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const down = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${address.port}${base?.pathname ?? ''}`,
    seen,
    answer: (next) => {
      handler = next;
    },
    down,
    async up() {
      server = await listening(listener, address.port);
    },
    stop: down,
  };
}

async function listening(listener: RequestListener, port: number): Promise<Server> {
  const server = createServer(listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function handOn(base: URL, incoming: IncomingMessage, response: ServerResponse): void {
  const { method = 'GET', headers, url = '/' } = incoming;
  const onward = request(new URL(url, base), { method, headers: { ...headers, host: base.host } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  incoming.pipe(onward);
}
