import { closeSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';

const TAIL_BYTES = 64 * 1024;

/** Opens a new log for a start; the one before stays beside it as `.previous`. */
export function openLog(path: string): number {
  try {
    renameSync(path, `${path}.previous`);
  } catch {
    // The first start.
  }
  return openSync(path, 'a', 0o600);
}

/** The last lines of a log. */
export function lastLines(path: string, count: number): string {
  return readTail(path).trimEnd().split('\n').slice(-count).join('\n');
}

/** Whether the newest part of a log holds the text. */
export function logHolds(path: string, text: string): boolean {
  return readTail(path).includes(text);
}

function readTail(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8', 0, read);
  } finally {
    closeSync(fd);
  }
}
