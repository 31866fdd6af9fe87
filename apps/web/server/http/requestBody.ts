import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { HttpProblem } from './problem.ts';

export interface BodyLimits {
  /** On the wire. */
  readonly bodyBytes: number;
  /** After decompression. */
  readonly inflatedBytes: number;
  readonly timeoutMs: number;
}

/** Told of bytes as they arrive or inflate; throws to stop the reading. */
export type ByteMeter = (bytes: number) => void;

/** A received chunk is an object besides its bytes: a body of single bytes costs what it really costs. */
const CHUNK_OVERHEAD_BYTES = 128;

/**
 * Reads a request's body, decompressed, and never holds more than the limits allow: what is over is stopped while it
 * arrives or inflates. The request is left open, so that a refusal can still be sent.
 * @param meter counts what came over the wire and what it inflated to
 * @throws HttpProblem `body_too_large`, `inflated_too_large`, `unsupported_encoding`, `malformed_compression`,
 * `body_incomplete`, `body_timeout`; what `meter` throws.
 */
export async function readRequestBody(req: IncomingMessage, limits: BodyLimits, meter: ByteMeter): Promise<Buffer> {
  const { bodyBytes, inflatedBytes, timeoutMs } = limits;
  if (Number(req.headers['content-length'] ?? 0) > bodyBytes) throw tooLarge(bodyBytes);
  const inflate = decoderFor(req.headers['content-encoding']);
  const wire = bounded(bodyBytes, meter, () => tooLarge(bodyBytes));
  const interrupted = interruption(req, timeoutMs);
  try {
    if (inflate === null) return await Promise.race([collect(req, wire), interrupted.promise]);
    const inflated = bounded(inflatedBytes, meter, () => inflatedTooLarge(inflatedBytes));
    return await Promise.race([feed(req, inflate, wire), collect(inflate, inflated), interrupted.promise]);
  } finally {
    interrupted.end();
    if (inflate !== null) {
      req.unpipe(inflate);
      inflate.destroy();
    }
    req.removeAllListeners('data');
  }
}

function bounded(limitBytes: number, meter: ByteMeter, problem: () => HttpProblem): (chunk: Buffer) => void {
  let bytes = 0;
  return (chunk) => {
    bytes += chunk.length;
    if (bytes > limitBytes) throw problem();
    meter(chunk.length + CHUNK_OVERHEAD_BYTES);
  };
}

/** Rejects when the sender goes away or takes too long. */
function interruption(req: IncomingMessage, timeoutMs: number) {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined); // nobody may be waiting any more
  const late = new HttpProblem(408, 'body_timeout', `The body did not arrive within ${timeoutMs / 1_000} s.`);
  const timer = setTimeout(() => reject(late), timeoutMs);
  const cutOff = (): void => {
    if (!req.readableEnded) reject(new HttpProblem(400, 'body_incomplete', 'The body ended before it was complete.'));
  };
  req.once('error', cutOff).once('close', cutOff);
  const end = (): void => {
    clearTimeout(timer);
    req.off('error', cutOff).off('close', cutOff);
  };
  return { promise, end };
}

function collect(source: Readable, take: (chunk: Buffer) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    source.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
        chunks.push(chunk);
      } catch (error) {
        reject(error);
      }
    });
    source.once('end', () => resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks)));
  });
}

/** Rejects on what is too much or not compressed as it says; never resolves. */
function feed(req: IncomingMessage, inflate: Transform, take: (chunk: Buffer) => void): Promise<never> {
  return new Promise((_, reject) => {
    req.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        reject(error);
      }
    });
    inflate.once('error', () =>
      reject(new HttpProblem(400, 'malformed_compression', 'The body is not what Content-Encoding says.')),
    );
    req.pipe(inflate);
  });
}

function decoderFor(encoding: string | undefined): Transform | null {
  switch (encoding?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      return null;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default: {
      const message = 'Content-Encoding may be gzip, deflate, br or identity.';
      throw new HttpProblem(415, 'unsupported_encoding', message, {}, { 'accept-encoding': 'gzip, deflate, br' });
    }
  }
}

function inflatedTooLarge(limit: number): HttpProblem {
  return new HttpProblem(413, 'inflated_too_large', `The body inflates to more than ${limit} bytes.`, { limit });
}

function tooLarge(limit: number): HttpProblem {
  return new HttpProblem(413, 'body_too_large', `A body may have ${limit} bytes.`, { limit });
}
