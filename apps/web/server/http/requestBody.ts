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
  const inflated = bounded(inflatedBytes, meter, () => inflatedTooLarge(inflatedBytes));
  const readings: readonly Reading[] = [
    interruption(req, timeoutMs),
    ...(inflate === null ? [collect(req, wire)] : [feed(req, inflate, wire), collect(inflate, inflated)]),
  ];
  try {
    return await Promise.race(readings.map(({ outcome }) => outcome));
  } finally {
    for (const { stop } of readings) stop();
  }
}

/** A part of the reading: the first outcome is that of the whole. After `stop` it listens to nothing, holds nothing. */
interface Reading {
  readonly outcome: Promise<Buffer>;
  readonly stop: () => void;
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
function interruption(req: IncomingMessage, timeoutMs: number): Reading {
  const { promise: outcome, reject } = Promise.withResolvers<Buffer>();
  const cutOff = (): void => {
    if (!req.readableEnded) reject(new HttpProblem(400, 'body_incomplete', 'The body ended before it was complete.'));
  };
  const timer = setTimeout(
    () => reject(new HttpProblem(408, 'body_timeout', `The body did not arrive within ${timeoutMs / 1_000} s.`)),
    timeoutMs,
  );
  req.once('error', cutOff).once('close', cutOff);
  if (req.destroyed) cutOff();
  const stop = (): void => {
    clearTimeout(timer);
    req.off('error', cutOff).off('close', cutOff);
  };
  return { outcome, stop };
}

/** Resolves with all chunks; rejects with what `take` throws of one. */
function collect(source: Readable, take: (chunk: Buffer) => void): Reading {
  const { promise: outcome, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  const onData = (chunk: Buffer): void => {
    try {
      take(chunk);
      chunks.push(chunk);
    } catch (error) {
      reject(error);
    }
  };
  const onEnd = (): void => resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks));
  source.on('data', onData).once('end', onEnd);
  const stop = (): void => {
    source.off('data', onData).off('end', onEnd);
    chunks.length = 0;
  };
  return { outcome, stop };
}

/** Inflates the body; rejects on what is too much or not compressed as it says, and never resolves. */
function feed(req: IncomingMessage, inflate: Transform, take: (chunk: Buffer) => void): Reading {
  const { promise: outcome, reject } = Promise.withResolvers<Buffer>();
  const onData = (chunk: Buffer): void => {
    try {
      take(chunk);
    } catch (error) {
      reject(error);
    }
  };
  req.on('data', onData);
  inflate.once('error', () =>
    reject(new HttpProblem(400, 'malformed_compression', 'The body is not what Content-Encoding says.')),
  );
  req.pipe(inflate);
  const stop = (): void => {
    req.off('data', onData).unpipe(inflate);
    inflate.destroy();
  };
  return { outcome, stop };
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
