import { AppError } from '@ebap/pipeline/errors';
import {
  type HttpEndpoint,
  HttpJsonClient,
  isRecord,
  type JsonAnswer,
  type JsonCall,
} from '../../http-client/index.ts';

export type ConnectorState = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'RESTARTING';

export interface ConnectorStatus {
  readonly state: string;
  readonly tasks: readonly string[];
  /** Stack trace of the first part that failed; null if none did. */
  readonly trace: string | null;
}

/** What a wrong configuration is told with, though only the way to the database is interrupted. */
const TRANSIENT =
  /refused|timed? ?out|unreachable|UnknownHost|could not be resolved|starting up|shutting down|terminat|EOF|reset/i;
const REBALANCING = [409];

/**
 * The calls of Kafka Connect's REST API (Kafka documentation, "Connect REST API") that concern one connector. Every
 * method throws AppError `unavailable` (retryable), `configuration`, `corrupt_data` and `cancelled`.
 */
export class ConnectApi {
  readonly #http: HttpJsonClient;
  readonly #path: string;
  readonly #signal: AbortSignal;

  constructor(endpoint: HttpEndpoint, connector: string, signal: AbortSignal) {
    this.#http = new HttpJsonClient('Kafka Connect', endpoint);
    this.#path = `/connectors/${encodeURIComponent(connector)}`;
    this.#signal = signal;
  }

  /** A worker that starts answers 404. @throws AppError `unavailable` until it is ready, `configuration` without the plugin. */
  async requirePlugin(className: string): Promise<void> {
    const answer = await this.#call('GET', '/connector-plugins');
    if (answer.status === 404) throw this.#unavailable('is starting, or this is not its address');
    const plugins: readonly unknown[] = Array.isArray(answer.json) ? answer.json : [];
    if (!plugins.some((plugin) => isRecord(plugin) && plugin.class === className))
      throw new AppError('configuration', `${this.#http.label} does not have the plugin ${className}`);
  }

  /** The connector's configuration as it was given; null if there is no such connector. */
  async config(): Promise<Readonly<Record<string, unknown>> | null> {
    const { status, json } = await this.#call('GET', `${this.#path}/config`);
    if (status === 404) return null;
    return isRecord(json) ? json : null;
  }

  /** Makes the connector, or changes it. */
  async configure(config: Readonly<Record<string, string>>): Promise<void> {
    const answer = await this.#call('PUT', `${this.#path}/config`, config);
    if (answer.status < 300) return;
    const message = `${this.#http.label} refuses the connector: ${messageOf(answer)}`;
    // It connects to the source to check: what it says then may pass.
    const isTransient = TRANSIENT.test(message);
    throw new AppError(isTransient ? 'unavailable' : 'configuration', message, { retryable: isTransient });
  }

  /** Null while there is no such connector. */
  async status(): Promise<ConnectorStatus | null> {
    const { status, json } = await this.#call('GET', `${this.#path}/status`);
    if (status === 404) return null;
    if (!isRecord(json) || !isRecord(json.connector)) throw this.#unavailable(`answered ${status} without a status`);
    const tasks = (Array.isArray(json.tasks) ? json.tasks : []).filter(isRecord);
    const failed = [json.connector, ...tasks].find(({ state }) => state === 'FAILED');
    return {
      state: String(json.connector.state),
      tasks: tasks.map(({ state }) => String(state)),
      trace: failed === undefined ? null : String(failed.trace ?? ''),
    };
  }

  /** Whether a position is stored for the connector: it has finished or begun its first snapshot. */
  async hasOffsets(): Promise<boolean> {
    const { json } = await this.#call('GET', `${this.#path}/offsets`);
    return isRecord(json) && Array.isArray(json.offsets) && json.offsets.length > 0;
  }

  /** Starts again what has failed of the connector. */
  async restartFailed(): Promise<void> {
    this.#expect(await this.#call('POST', `${this.#path}/restart?includeTasks=true&onlyFailed=true`));
  }

  /** Ends the connector's tasks; it keeps its configuration and position. */
  async stop(): Promise<void> {
    this.#expect(await this.#call('PUT', `${this.#path}/stop`));
  }

  async resume(): Promise<void> {
    this.#expect(await this.#call('PUT', `${this.#path}/resume`));
  }

  /** Forgets the position of a stopped connector: it begins with a snapshot. */
  async forgetOffsets(): Promise<void> {
    this.#expect(await this.#call('DELETE', `${this.#path}/offsets`));
  }

  #call(method: JsonCall['method'], path: string, body?: unknown): Promise<JsonAnswer> {
    const call = { method, path, signal: this.#signal, retryOn: REBALANCING };
    return this.#http.call(body === undefined ? call : { ...call, body });
  }

  #expect(answer: JsonAnswer): void {
    if (answer.status >= 300) throw this.#unavailable(`answered ${answer.status}: ${messageOf(answer)}`);
  }

  #unavailable(what: string): AppError {
    return new AppError('unavailable', `${this.#http.label} ${what}`, { retryable: true });
  }
}

function messageOf({ json }: JsonAnswer): string {
  const message = isRecord(json) && typeof json.message === 'string' ? json.message : 'without a reason';
  return message.replaceAll(/\s+/g, ' ').slice(0, 500);
}
