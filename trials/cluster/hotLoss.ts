import { closeSync, openSync, readdirSync, readSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { hotKeys } from '@ebap/pipeline/hot';
import { redisCommand } from './redisConnection.ts';

/** What the hot store lost, and what can't be expected in it from then on. */
export interface HotLoss {
  /** Windows that ended at or before this were final: nobody writes them again. */
  readonly finalThroughMs: number;
  /** By then it was lost. */
  readonly lostAtMs: number;
}

/** Reads how far windows are final and drops everything, in one step. */
const FLUSH_SCRIPT = `local found = {}
for i, key in ipairs(KEYS) do found[i] = redis.call('HGET', key, 'finalThroughMs') or '0' end
redis.call('FLUSHALL', 'SYNC')
return table.concat(found, ',')`;

/** FLUSHALL: everything is gone, fences too. */
export async function flushAll(redisUrl: string, workspaces: readonly string[]): Promise<HotLoss> {
  const keys = workspaces.map(hotKeys.progress);
  const answer = await redisCommand(redisUrl, 'EVAL', FLUSH_SCRIPT, String(keys.length), ...keys);
  const finals = (answer.split('\r\n')[1] ?? '').split(',').map(Number);
  return { finalThroughMs: Math.max(0, ...finals), lostAtMs: Date.now() };
}

/** The size of Redis's append-only file now, for {@link cutBack}. */
export interface AofMark {
  readonly file: string;
  readonly bytes: number;
}

export function markAof(enginesDir: string): AofMark {
  const dir = join(enginesDir, 'redis', 'appendonlydir');
  const file = readdirSync(dir)
    .filter((name) => name.endsWith('.incr.aof'))
    .map((name) => join(dir, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  if (file === undefined) throw new Error(`no append-only file in ${dir}`);
  return { file, bytes: statSync(file).size };
}

/** Takes back what a killed Redis wrote since the mark, as a machine does that went down before it was synchronised. */
export function cutBack(mark: AofMark, finalThroughMs: number): HotLoss {
  const lost = textFrom(mark.file, mark.bytes);
  const finals = [...lost.matchAll(/finalThroughMs\r\n\$\d+\r\n(\d+)/g)].map((m) => Number(m[1]));
  truncateSync(mark.file, mark.bytes);
  return { finalThroughMs: Math.max(finalThroughMs, ...finals), lostAtMs: Date.now() };
}

/** How far windows are final, as the hot store tells. */
export async function finalThrough(redisUrl: string, workspaces: readonly string[]): Promise<number> {
  let newest = 0;
  for (const workspace of workspaces) {
    const answer = await redisCommand(redisUrl, 'HGET', hotKeys.progress(workspace), 'finalThroughMs');
    newest = Math.max(newest, Number(answer.split('\r\n')[1] ?? 0));
  }
  return newest;
}

function textFrom(file: string, offset: number): string {
  const bytes = Buffer.alloc(Math.max(0, statSync(file).size - offset));
  const fd = openSync(file, 'r');
  try {
    const read = readSync(fd, bytes, 0, bytes.length, offset);
    return bytes.toString('latin1', 0, read);
  } finally {
    closeSync(fd);
  }
}
