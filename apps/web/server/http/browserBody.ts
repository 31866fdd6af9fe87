import type { IncomingMessage } from 'node:http';
import { HttpProblem } from './problem.ts';

const TRPC_PATH = '/api/trpc/';
const TRPC_BYTES = 1 << 20;
/** Sign-in forms, of this server and of the identity provider. */
const FORM_BYTES = 64 << 10;

/**
 * Why the body of a browser's request is refused before it is read, or null. Browsers announce how long a body is;
 * what then comes can't be longer. A body of unknown length is refused.
 */
export function browserBodyProblem({ headers }: IncomingMessage, path: string): HttpProblem | null {
  if (headers['transfer-encoding'] !== undefined)
    return new HttpProblem(411, 'length_required', 'Send Content-Length: bodies of unknown length are not taken here.');
  const limit = path.startsWith(TRPC_PATH) ? TRPC_BYTES : FORM_BYTES;
  if (Number(headers['content-length'] ?? 0) <= limit) return null;
  return new HttpProblem(413, 'body_too_large', `A body may have ${limit} bytes here.`, { limit });
}
