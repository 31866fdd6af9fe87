import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpProblem, problemText, sendProblem } from './problem.ts';

/** What is read and thrown away after a refusal, so that the sender gets to the answer. */
const LINGER_BYTES = 64 << 20;
const LINGER_MS = 5_000;

/**
 * Sends a problem, also to who is still sending. A connection that is closed on unread bytes is reset, and the reset
 * overtakes the answer: so the rest is read for a while, within bounds, before the connection ends.
 */
export function refuse(req: IncomingMessage, res: ServerResponse, problem: HttpProblem): void {
  if (req.complete || req.destroyed || res.headersSent || res.destroyed) {
    sendProblem(res, problem);
    return;
  }
  const text = problemText(problem);
  res.writeHead(problem.status, {
    ...problem.headers,
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    connection: 'close',
  });
  res.write(text);
  let bytes = 0;
  const close = (): void => {
    clearTimeout(timer);
    req.off('data', count).off('end', close).off('close', close);
    res.end();
  };
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) close();
  };
  const timer = setTimeout(close, LINGER_MS);
  req.on('data', count).once('end', close).once('close', close);
  req.resume();
}
