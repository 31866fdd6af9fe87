import http from 'node:http';
import https from 'node:https';

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** Nothing came back, or not all of it: whether the server took the request is unknown. */
export interface NoAnswer {
  readonly status: 0;
  readonly reason: string;
}

export interface HttpClientOptions {
  readonly url: string;
  /** Most requests at once. */
  readonly connections: number;
  readonly timeoutMs: number;
}

const MOST_ANSWER_BYTES = 1 << 20;

/** Keep-alive client of one server. Faults of the network are answers, never exceptions. */
export class HttpClient {
  readonly #base: URL;
  readonly #agent: http.Agent;
  readonly #timeoutMs: number;
  readonly #request: typeof http.request;

  constructor(options: HttpClientOptions) {
    this.#base = new URL(options.url);
    const agentOptions = { keepAlive: true, maxSockets: options.connections, keepAliveMsecs: 5_000 };
    const secure = this.#base.protocol === 'https:';
    this.#agent = secure ? new https.Agent(agentOptions) : new http.Agent(agentOptions);
    this.#request = secure ? https.request : http.request;
    this.#timeoutMs = options.timeoutMs;
  }

  get(path: string): Promise<HttpAnswer | NoAnswer> {
    return this.#send('GET', path, {}, null);
  }

  /** `Content-Length` is added. */
  post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | string,
  ): Promise<HttpAnswer | NoAnswer> {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    return this.#send('POST', path, { ...headers, 'content-length': String(length) }, body);
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | string | null,
  ): Promise<HttpAnswer | NoAnswer> {
    return new Promise((resolve) => {
      const fail = (reason: string): void => resolve({ status: 0, reason });
      const request = this.#request(new URL(path, this.#base), { method, headers, agent: this.#agent }, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= MOST_ANSWER_BYTES) chunks.push(chunk);
        });
        response.on('error', (error) => fail(error.message));
        response.on('aborted', () => fail('The answer broke off.'));
        response.on('end', () => {
          if (!response.complete) return fail('The answer broke off.');
          const retryAfter = response.headers['retry-after'];
          resolve({ status: response.statusCode ?? 0, retryAfter, body: Buffer.concat(chunks).toString('utf8') });
        });
      });
      request.setTimeout(this.#timeoutMs, () => request.destroy(new Error('No answer in time.')));
      request.on('error', (error) => fail(error.message));
      request.end(body ?? undefined);
    });
  }
}
