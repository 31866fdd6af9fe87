import type { IncomingMessage } from 'node:http';
import { HttpProblem } from './problem.ts';

/**
 * Why a request can't be answered by anybody, or null: its target is no path of ours (`*`, another server's address,
 * damaged escapes), or it names several hosts (RFC 9112 §3.2).
 */
export function targetProblem(req: IncomingMessage, path: string): HttpProblem | null {
  if (!path.startsWith('/') || !isDecodable(path))
    return new HttpProblem(400, 'invalid_target', 'The target must be a path of this server, soundly escaped.');
  return countHosts(req.rawHeaders) <= 1 ? null : new HttpProblem(400, 'invalid_host', 'Send one Host header.');
}

/** How often `Host` was sent: Node keeps the first in silence, others on the way may have looked at the last. */
export function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

function isDecodable(path: string): boolean {
  if (!path.includes('%')) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
