import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { HttpProblem } from './problem.ts';

export interface BodyLimits {
  /** On the wire. */
  readonly bodyBytes: number;
  /** After decompression. */
  readonly inflatedBytes: number;
  readonly timeoutMs: number;
}

/**
 * Reads a request's body, decompressed, and never holds more than the limits allow: what is over is stopped while it
 * arrives or inflates.
 * @throws HttpProblem `body_too_large`, `inflated_too_large`, `unsupported_encoding`, `malformed_compression`,
 * `body_incomplete`, `body_timeout`.
 */
export async function readRequestBody(req: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const declared = Number(req.headers['content-length'] ?? 0);
  if (declared > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
  const inflate = decoderFor(req.headers['content-encoding']);
  const timer = setTimeout(
    () => req.destroy(new HttpProblem(408, 'body_timeout', 'The body did not arrive in time.')),
    limits.timeoutMs,
  );
  try {
    return inflate === null ? await collectPlain(req, limits) : await collectInflated(req, inflate, limits);
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem(400, 'body_incomplete', 'The body ended before it was complete.');
  } finally {
    clearTimeout(timer);
  }
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
    default:
      throw new HttpProblem(
        415,
        'unsupported_encoding',
        'Content-Encoding may be gzip, deflate, br or identity.',
        {},
        {
          'accept-encoding': 'gzip, deflate, br',
        },
      );
  }
}

async function collectPlain(req: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not destroyed on an early end: the refusal still has to reach the sender.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, bytes);
}

async function collectInflated(req: IncomingMessage, inflate: Transform, limits: BodyLimits): Promise<Buffer> {
  let wireBytes = 0;
  req.on('data', (chunk: Buffer) => {
    wireBytes += chunk.length;
    if (wireBytes > limits.bodyBytes) inflate.destroy(tooLarge(limits.bodyBytes));
  });
  req.once('error', (error) => inflate.destroy(error));
  req.once('aborted', () => inflate.destroy(new HttpProblem(400, 'body_incomplete', 'The body was cut off.')));
  req.pipe(inflate);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.inflatedBytes)
        throw new HttpProblem(
          413,
          'inflated_too_large',
          `The body inflates to more than ${limits.inflatedBytes} bytes.`,
          {
            limit: limits.inflatedBytes,
          },
        );
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem(400, 'malformed_compression', 'The body is not what Content-Encoding says.');
  } finally {
    req.unpipe(inflate);
    inflate.destroy();
  }
  return Buffer.concat(chunks, bytes);
}

function tooLarge(limit: number): HttpProblem {
  return new HttpProblem(413, 'body_too_large', `A body may have ${limit} bytes.`, { limit });
}
