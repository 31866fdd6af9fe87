import { AppError } from '@ebap/pipeline/errors';
import { type API, Connection, type ConnectionOptions } from '@platformatic/kafka';
import { toAppError } from './faults.ts';
import type { KafkaConfig } from './options.ts';

/** One connection to one broker, made when it is needed and anew after it broke. Requests are answered in order. */
export class BrokerLink {
  readonly #host: string;
  readonly #port: number;
  readonly #config: KafkaConfig;
  #connection: Promise<Connection> | undefined;
  /** What `#connection` resolved with. */
  #made: Connection | undefined;
  #closed = false;

  constructor(host: string, port: number, config: KafkaConfig) {
    this.#host = host;
    this.#port = port;
    this.#config = config;
  }

  /**
   * Sends a request and resolves with its answer within the request timeout.
   * @throws AppError `unavailable` when the broker is away or does not answer, `configuration` when it refuses us
   */
  async send<Request, Response>(api: API<[Request], Response>, request: Request): Promise<Response> {
    if (this.#closed) throw new AppError('unavailable', 'The event log is closed.');
    this.#connection ??= this.#connect();
    const attempt = this.#connection;
    try {
      return await api.async(await attempt, request);
    } catch (error) {
      // After any fault it is unknown what still comes on this connection.
      if (this.#connection === attempt) this.#forget();
      closeQuietly(attempt);
      throw toAppError(error, `asking ${this.#host}:${this.#port}`);
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#connection !== undefined) closeQuietly(this.#connection);
    this.#forget();
  }

  #forget(): void {
    this.#connection = undefined;
    this.#made = undefined;
  }

  async #connect(): Promise<Connection> {
    const connection = new Connection(this.#config.clientId, connectionOptions(this.#config));
    // Without a listener an error would end the process; requests under way are rejected with it anyway.
    connection.on('error', () => undefined);
    await connection.connect(this.#host, this.#port);
    this.#made = connection;
    // Brokers close what was idle for long: the next request makes another one.
    connection.on('close', () => {
      if (this.#made === connection) this.#forget();
    });
    return connection;
  }
}

function closeQuietly(connection: Promise<Connection>): void {
  connection.then((made) => made.close()).catch(() => undefined);
}

function connectionOptions({ tls, sasl, requestTimeoutMs }: KafkaConfig): ConnectionOptions {
  return {
    connectTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    ...(tls === undefined ? {} : { tls: { ...tls } }),
    ...(sasl === undefined
      ? {}
      : {
          sasl: {
            mechanism: SASL_MECHANISMS[sasl.mechanism],
            username: sasl.username,
            password: sasl.password,
          },
        }),
  };
}

const SASL_MECHANISMS = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
} as const;
