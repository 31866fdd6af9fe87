import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A batch as it arrived, answered or not. */
export interface Arrival {
  readonly atMs: number;
  readonly authorization: string;
  readonly encoding: string;
  readonly lines: readonly string[];
}

/** How the server answers a batch; `reset` tears the connection, `hang` never answers. */
export type Reply =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  | 'reset'
  | 'hang';

/** A real HTTP server that stands where the platform's ingestion would, with scripted answers. */
export class IngestServer implements AsyncDisposable {
  readonly arrivals: Arrival[] = [];
  /** Lines of batches that were answered 202. */
  readonly accepted: string[] = [];
  /** Decides each answer; by default everything is taken. */
  reply: (arrival: Arrival, number: number) => Reply = () => ({ status: 202 });
  ready = true;
  /** How often somebody asked whether it is ready. */
  readinessChecks = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => request.socket.destroy());
    });
  }

  static async start(): Promise<IngestServer> {
    const server = new IngestServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    // A server that listens on a port has an address of this shape.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/readyz') {
      this.readinessChecks++;
      response.writeHead(this.ready ? 200 : 503).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const encoding = request.headers['content-encoding'] ?? 'identity';
    const raw = Buffer.concat(chunks);
    const text = (encoding === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
    const lines = text.split('\n').filter((line) => line !== '');
    const authorization = request.headers.authorization ?? '';
    const arrival = { atMs: performance.now(), authorization, encoding, lines };
    this.arrivals.push(arrival);
    this.#answer(this.reply(arrival, this.arrivals.length), arrival, request, response);
  }

  #answer(reply: Reply, arrival: Arrival, request: IncomingMessage, response: ServerResponse): void {
    if (reply === 'hang') return;
    if (reply === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    const { status } = reply;
    if (status === 202) this.accepted.push(...arrival.lines);
    const body = reply.body ?? (status === 202 ? { accepted: arrival.lines.length, rejected: [] } : {});
    response.writeHead(status, { 'content-type': 'application/json', ...reply.headers }).end(JSON.stringify(body));
  }
}
