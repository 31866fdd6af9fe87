import {
  type DeadLetterReason,
  LIVE_PROTOCOL_VERSION,
  type LiveTopic,
  type SubscribeAck,
} from '@ebap/pipeline/contracts';
import { io, type Socket } from 'socket.io-client';
import superjson from 'superjson';

export interface PageAnswer {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const MAX_REDIRECTS = 15;
const FORM = 'application/x-www-form-urlencoded';

/** Cookies and redirects as a browser has them; scripts are clicked through by hand. */
export class TestBrowser {
  readonly jar = new Map<string, string>();
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  get cookieHeader(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async open(
    url: string,
    init: { method?: string; body?: string; headers?: Record<string, string> } = {},
  ): Promise<PageAnswer> {
    let target = new URL(url, this.#base).href;
    let { method = 'GET', body } = init;
    for (let hop = 0; hop < MAX_REDIRECTS; hop++) {
      const headers = { ...init.headers, cookie: this.cookieHeader };
      const response = await fetch(target, {
        method,
        headers,
        redirect: 'manual',
        ...(body !== undefined && { body }),
      });
      this.#keepCookies(response);
      const location = response.headers.get('location');
      if (location === null || response.status >= 400)
        return { url: target, status: response.status, headers: response.headers, text: await response.text() };
      target = new URL(location, target).href;
      if (response.status < 307) [method, body] = ['GET', undefined];
    }
    throw new Error('too many redirects');
  }

  submit(url: string, fields: Readonly<Record<string, string>>): Promise<PageAnswer> {
    const headers = { 'content-type': FORM, origin: this.#base };
    return this.open(url, { method: 'POST', headers, body: new URLSearchParams(fields).toString() });
  }

  /** Signs in as one of the demo people; returns the last page. */
  async signIn(subject: string): Promise<PageAnswer> {
    const started = await this.#authAction('signin/oidc', { callbackUrl: '/live' });
    const page = await this.open(started);
    return page.url.includes('/idp/interaction/') ? this.submit(page.url, { person: subject }) : page;
  }

  /** Signs out here and at the identity provider; returns the last page. */
  async signOut(): Promise<PageAnswer> {
    const page = await this.open(await this.#authAction('signout', { callbackUrl: '/' }));
    const [, action = '', xsrf = ''] = /action="([^"]+)"[\s\S]*name="xsrf" value="([^"]+)"/.exec(page.text) ?? [];
    return this.submit(action, { xsrf, logout: 'yes' });
  }

  async #authAction(action: string, fields: Readonly<Record<string, string>>): Promise<string> {
    const { csrfToken } = JSON.parse((await this.open('/api/auth/csrf')).text) as { csrfToken: string };
    const answer = await this.submit(`/api/auth/${action}`, { ...fields, csrfToken, json: 'true' });
    return (JSON.parse(answer.text) as { url: string }).url;
  }

  /** A tRPC query as the pages send it: its data, or its error code. */
  async query(path: string, input?: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    const search = input === undefined ? '' : `?input=${encodeURIComponent(superjson.stringify(input))}`;
    const { text } = await this.open(`/api/trpc/${path}${search}`, { headers });
    const answer = JSON.parse(text) as {
      readonly result?: { readonly data: Parameters<typeof superjson.deserialize>[0] };
      readonly error?: { readonly json?: { readonly data: { readonly code: string } }; readonly message?: string };
    };
    if (answer.result !== undefined) return superjson.deserialize(answer.result.data);
    return answer.error?.json?.data.code ?? answer.error?.message;
  }

  deadLetters(reason: DeadLetterReason): Promise<unknown> {
    return this.query('pipeline.deadLetters', { reason, limit: 10 });
  }

  async socket(): Promise<Socket> {
    const socket = io(this.#base, {
      path: '/ws',
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      extraHeaders: { origin: this.#base, cookie: this.cookieHeader },
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    return socket;
  }

  #keepCookies(response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';', 1);
      const equals = pair.indexOf('=');
      const name = pair.slice(0, equals);
      const isGone = /max-age=0|expires=thu, 01 jan 1970/i.test(cookie);
      if (isGone) this.jar.delete(name);
      else this.jar.set(name, pair.slice(equals + 1));
    }
  }
}

export function subscribe(socket: Socket, topic: LiveTopic): Promise<SubscribeAck> {
  return socket.timeout(5_000).emitWithAck('subscribe', { v: LIVE_PROTOCOL_VERSION, id: 'one', topic });
}
