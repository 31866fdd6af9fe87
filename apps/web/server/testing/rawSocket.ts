import { connect, type Socket } from 'node:net';

/** A connection on which a test writes HTTP itself, and keeps what comes back. */
export class RawSocket {
  readonly #socket: Socket;
  readonly #closed: Promise<void>;
  #text = '';
  #fault: unknown = null;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#closed = new Promise((resolve) => this.#socket.once('close', () => resolve()));
    this.#socket.on('error', (error) => {
      this.#fault = error;
    });
    this.#socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('utf8');
    });
  }

  /** What the server sent so far. */
  get text(): string {
    return this.#text;
  }

  get status(): number {
    return Number(this.#text.split(' ', 2)[1] ?? 0);
  }

  /** What broke the connection; null if nothing did. */
  get fault(): unknown {
    return this.#fault;
  }

  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Sends a request line with headers. */
  begin(line: string, headers: Readonly<Record<string, string | number>>): this {
    const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
    return this.write(`${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  }

  write(bytes: string | Uint8Array): this {
    this.#socket.write(bytes);
    return this;
  }

  /** A chunk of a chunked body. */
  chunk(bytes: string): this {
    return this.write(`${Buffer.byteLength(bytes).toString(16)}\r\n${bytes}\r\n`);
  }

  close(): void {
    this.#socket.destroy();
  }
}
