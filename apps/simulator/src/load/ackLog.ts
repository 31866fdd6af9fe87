import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Where acknowledged events are written. */
export interface AckLog {
  /** False while the disk is behind. */
  readonly hasRoom: boolean;
  write(lines: Buffer): void;
  close(): Promise<void>;
}

const NOWHERE: AckLog = { hasRoom: true, write: () => undefined, close: () => Promise.resolve() };
const MOST_WAITING_BYTES = 32 * 1024 * 1024;

/** A file, gzipped if its name ends in `.gz`; without a path nothing is kept. Rejects on close if writing failed. */
export function openAckLog(path: string | null): AckLog {
  if (path === null) return NOWHERE;
  const file = createWriteStream(path, { highWaterMark: 1 << 20 });
  const gzip = path.endsWith('.gz') ? createGzip({ level: 1 }) : null;
  const sink: Writable = gzip ?? file;
  const done = gzip === null ? finished(file) : pipeline(gzip, file);
  done.catch(() => undefined);
  return {
    get hasRoom(): boolean {
      return sink.writableLength < MOST_WAITING_BYTES;
    },
    write: (lines) => {
      sink.write(lines);
    },
    close: () => {
      sink.end();
      return done;
    },
  };
}
