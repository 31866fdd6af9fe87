import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface RawRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly ca: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

/** An answer larger than this is none we asked for. */
const MAX_BODY_BYTES = 16 << 20;

/** One request and its whole answer. Rejects with the system's error, or after `timeoutMs` over all. */
export async function exchange(request: RawRequest): Promise<RawAnswer> {
  const limit = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? limit : AbortSignal.any([request.signal, limit]);
  try {
    const response = await respond(request, signal);
    const text = await readAll(response);
    return { status: response.statusCode ?? 0, contentType: response.headers['content-type'], text };
  } catch (error) {
    if (limit.aborted) throw new Error(`no answer within ${request.timeoutMs} ms`, { cause: error });
    throw error;
  }
}

function respond({ url, method, headers, body, ca }: RawRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = {
    method,
    signal,
    headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
  };
  const sent: ClientRequest =
    url.protocol === 'https:'
      ? httpsRequest(url, ca === undefined ? options : { ...options, ca }, resolve)
      : httpRequest(url, options, resolve);
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`the answer is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
