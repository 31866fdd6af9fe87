import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError } from '@ebap/pipeline/errors';
import { exchange, type RawAnswer } from './exchange.ts';

/** A service, and how it is spoken to. */
export interface HttpEndpoint {
  /** Base address, http or https, perhaps with a path. Credentials don't belong into it. */
  readonly url: string;
  readonly credentials?: HttpCredentials;
  /** Certificates (PEM) of the authorities to trust in place of the usual ones. */
  readonly ca?: string;
  /** Limit of one try, ms. Default 10,000. */
  readonly timeoutMs?: number;
  /** Tries of a call that failed with a retryable fault. Default 4. */
  readonly maxTries?: number;
}

export type HttpCredentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

export interface JsonCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Appended to the base address: `/subjects`. */
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Statuses besides 5xx and 429 that another try may mend. */
  readonly retryOn?: readonly number[];
}

/** An answer below 500: what 4xx means is the caller's matter, except 401 and 403. `json` is null for an empty body or an error's page. */
export interface JsonAnswer {
  readonly status: number;
  readonly json: unknown;
}

const TIMEOUT_MS = 10_000;
const MAX_TRIES = 4;
const FIRST_WAIT_MS = 100;

/**
 * Speaks JSON with one service. Every call must be safe to repeat: it is, when the service does not answer, answers
 * 5xx, or 429. Node's own modules are used because `fetch` takes no certificate authorities.
 */
export class HttpJsonClient {
  readonly #name: string;
  readonly #base: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #ca: string | undefined;
  readonly #timeoutMs: number;
  readonly #maxTries: number;

  /**
   * @param name of the service, as messages call it
   * @param contentType of what is sent and wanted
   * @throws AppError `configuration` for an address that is none
   */
  constructor(name: string, endpoint: HttpEndpoint, contentType = 'application/json') {
    this.#name = name;
    this.#base = baseOf(name, endpoint.url);
    this.#headers = { accept: `${contentType}, application/json`, 'content-type': contentType, ...signIn(endpoint) };
    this.#ca = endpoint.ca;
    this.#timeoutMs = endpoint.timeoutMs ?? TIMEOUT_MS;
    this.#maxTries = endpoint.maxTries ?? MAX_TRIES;
  }

  /** The service and where it is: for messages. */
  get label(): string {
    return `${this.#name} at ${this.#base.origin}${this.#base.pathname.replace(/\/$/, '')}`;
  }

  /**
   * @throws AppError `unavailable` (retryable) when there is no answer in time or 5xx, `configuration` when the
   *   credentials or the certificate are refused, `corrupt_data` when the answer is not JSON, `cancelled`.
   */
  async call(call: JsonCall): Promise<JsonAnswer> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(call);
      } catch (error) {
        if (!isAppError(error) || !error.retryable || tries >= this.#maxTries) throw error;
      }
      const waitMs = FIRST_WAIT_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
      await sleep(waitMs, undefined, call.signal && { signal: call.signal }).catch(() => {});
      if (call.signal?.aborted) throw this.#fault('cancelled', 'was not waited for');
    }
  }

  async #once({ method, path, body, signal, retryOn = [] }: JsonCall): Promise<JsonAnswer> {
    let answer: RawAnswer;
    try {
      answer = await exchange({
        url: new URL(this.#base.pathname.replace(/\/$/, '') + path, this.#base),
        method,
        headers: this.#headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        ca: this.#ca,
        timeoutMs: this.#timeoutMs,
        signal,
      });
    } catch (error) {
      throw this.#connectionFault(error, signal);
    }
    const { status } = answer;
    if (status === 401) throw this.#fault('configuration', 'refuses the credentials (401)');
    if (status === 403)
      throw this.#fault('configuration', `does not allow ${method} ${path} with these credentials (403)`);
    const isTransient = status >= 500 || status === 429 || retryOn.includes(status);
    if (isTransient) throw this.#fault('unavailable', `answered ${status}${messageOf(answer.text)}`, { isTransient });
    return { status, json: this.#parse(answer) };
  }

  #parse({ status, text, contentType }: RawAnswer): unknown {
    if (text.length === 0) return null;
    try {
      return JSON.parse(text);
    } catch (cause) {
      // Pages of proxies and servlet containers: the status says enough.
      if (status >= 400) return null;
      const what = `answered ${status} with ${contentType ?? 'something'} that is not JSON: is this its address?`;
      throw this.#fault('corrupt_data', what, { cause });
    }
  }

  #connectionFault(cause: unknown, signal: AbortSignal | undefined): AppError {
    if (signal?.aborted) return this.#fault('cancelled', 'was not waited for', { cause });
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const detail = cause instanceof Error && cause.message !== '' ? cause.message : code;
    if (isCertificateFault(code))
      return this.#fault('configuration', `shows a certificate that is not trusted: ${detail}`, { cause });
    return this.#fault('unavailable', `can't be reached: ${detail}`, { cause, isTransient: true });
  }

  #fault(
    code: 'unavailable' | 'configuration' | 'corrupt_data' | 'cancelled',
    what: string,
    { cause, isTransient = false }: { readonly cause?: unknown; readonly isTransient?: boolean } = {},
  ): AppError {
    return new AppError(code, `${this.label} ${what}`, { retryable: isTransient, cause });
  }
}

function baseOf(name: string, url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base === null || (base.protocol !== 'http:' && base.protocol !== 'https:'))
    throw new AppError('configuration', `${name}: the address must begin with http:// or https://`);
  if (base.username !== '' || base.password !== '')
    throw new AppError('configuration', `${name}: credentials don't belong into the address`);
  return base;
}

function signIn({ credentials }: HttpEndpoint): Readonly<Record<string, string>> {
  if (credentials === undefined) return {};
  if (credentials.kind === 'bearer') return { authorization: `Bearer ${credentials.token}` };
  const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}

/** Codes of Node's TLS and of OpenSSL's verification. */
function isCertificateFault(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA)/.test(code);
}

/** What an error's body says, if it says it as most services do. */
function messageOf(text: string): string {
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.){1,300})/.exec(text)?.[1];
  return message === undefined ? '' : `: ${message}`;
}
