import type { IncomingMessage, ServerResponse } from 'node:http';
import NextAuth from 'next-auth';
import { GET as trpc } from '../../src/app/api/trpc/[trpc]/route.ts';
import { authOptions } from '../../src/server/auth/authOptions.ts';
import { handleAuth } from '../../src/server/auth/handleAuth.ts';
import { services } from '../../src/server/services.ts';
import { readCookie } from '../../src/server/session/cookies.ts';
import { NONCE_HEADER } from '../http/contentSecurity.ts';
import type { Pages } from '../wiring/pages.ts';

/** The routes under `/api` without the bundle that Next makes of them; every other page shows its nonce. */
export async function openTestPages(): Promise<Pages> {
  return {
    handle: async (req, res) => {
      const url = new URL(req.url ?? '/', services().publicUrl);
      const request = await toRequest(req, url);
      if (url.pathname.startsWith('/api/trpc/')) return send(res, await trpc(request));
      if (url.pathname.startsWith('/api/auth/')) return send(res, await auth(request, url));
      const nonce = String(req.headers[NONCE_HEADER] ?? '');
      return send(res, new Response(`<p data-nonce="${nonce}">page</p>`, { headers: { 'content-type': 'text/html' } }));
    },
    close: async () => undefined,
  };
}

async function toRequest(req: IncomingMessage, url: URL): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = Object.entries(req.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const hasBody = req.method !== 'GET' && req.method !== 'HEAD';
  return new Request(url, { method: req.method ?? 'GET', headers, body: hasBody ? Buffer.concat(chunks) : null });
}

async function send(res: ServerResponse, response: Response): Promise<void> {
  for (const [name, value] of response.headers) if (name !== 'set-cookie') res.setHeader(name, value);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) res.setHeader('set-cookie', cookies);
  res.writeHead(response.status);
  res.end(Buffer.from(await response.arrayBuffer()));
}

/** next-auth by its other entry, the one for plain requests. */
async function auth(request: Request, url: URL): Promise<Response> {
  const nextauth = url.pathname.slice('/api/auth/'.length).split('/');
  const text = await request.clone().text();
  const body = Object.fromEntries(new URLSearchParams(text));
  const cookieHeader = request.headers.get('cookie') ?? '';
  const names = cookieHeader.split(';').map((pair) => pair.split('=', 1)[0]?.trim() ?? '');
  const cookies = Object.fromEntries(names.map((name) => [name, readCookie(cookieHeader, name) ?? '']));
  const answer = new CapturedResponse();
  const query = { ...Object.fromEntries(url.searchParams), nextauth };
  const req = { method: request.method, headers: Object.fromEntries(request.headers), query, body, cookies };
  return handleAuth(services(), request, nextauth[0], async () => {
    await NextAuth(authOptions(services()))(req, answer);
    return answer.toResponse();
  });
}

/** What next-auth needs of a response, kept as a web `Response`. */
class CapturedResponse {
  readonly #headers = new Headers();
  #status = 200;
  #body: string | null = null;

  status(status: number): this {
    this.#status = status;
    return this;
  }

  getHeader(name: string): string[] | undefined {
    return name.toLowerCase() === 'set-cookie' ? this.#headers.getSetCookie() : undefined;
  }

  setHeader(name: string, value: string | readonly string[]): this {
    this.#headers.delete(name);
    for (const one of [value].flat()) this.#headers.append(name, one);
    return this;
  }

  json(body: unknown): void {
    this.setHeader('content-type', 'application/json');
    this.#body = JSON.stringify(body);
  }

  send(body: unknown): void {
    if (typeof body === 'string') this.#body = body;
    else this.json(body);
  }

  end(): void {}

  toResponse(): Response {
    return new Response(this.#body, { status: this.#status, headers: this.#headers });
  }
}
