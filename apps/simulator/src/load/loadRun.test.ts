import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IngestServer } from '../testing/ingestServer.ts';
import { openAckLog } from './ackLog.ts';
import { type LoadResult, runLoad } from './loadRun.ts';
import { parseLoadOptions } from './options.ts';

let server: IngestServer;
let folder = '';
beforeEach(async () => {
  server = await IngestServer.start();
  folder = await mkdtemp(join(tmpdir(), 'ebap-load-'));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function run(...args: string[]): Promise<{ result: LoadResult; logged: Record<string, unknown>[] }> {
  const out = join(folder, args.includes('--gz') ? 'sent.ndjson.gz' : 'sent.ndjson');
  const given = args.filter((a) => a !== '--gz');
  const options = parseLoadOptions(
    ['--url', server.url, '--key', 'k', '--out', out, '--users', '500', ...given],
    String,
  );
  const log = openAckLog(out);
  const result = await runLoad(options, log, new AbortController().signal);
  await log.close();
  const bytes = await readFile(out);
  const text = (out.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return { result, logged: text.split('\n').flatMap((l) => (l === '' ? [] : [JSON.parse(l)])) };
}

/** What the log says of a record as sent. */
function identity(line: string): Record<string, unknown> {
  const { id, user_id, action, timestamp, location, metadata } = JSON.parse(line);
  const { amount = null, currency = null, platform } = metadata;
  return {
    w: 'meridian',
    id,
    u: user_id,
    t: Date.parse(timestamp),
    a: action,
    m: amount,
    c: currency,
    l: location,
    p: platform,
  };
}
const byId = (a: Record<string, unknown>, b: Record<string, unknown>): number =>
  String(a.id).localeCompare(String(b.id));

describe('a load run', () => {
  it('logs exactly the records that the server took', async () => {
    const { result, logged } = await run('--rate', '2000', '--seconds', '1', '--gz');
    expect(logged.sort(byId)).toEqual(server.accepted.map(identity).sort(byId));
    expect(result).toMatchObject({ accepted: logged.length, unacknowledged: 0, retries: {}, repeated: 0 });
    expect(new Set(logged.map((l) => l.id)).size).toBe(logged.length);
  });

  it('is never faster than its schedule', async () => {
    const beforeMs = performance.now();
    const { result } = await run('--rate', '2000', '--seconds', '1');
    expect(result.accepted).toBeLessThanOrEqual(2_000);
    expect(result.accepted).toBeGreaterThan(0);
    // A slow machine only makes them later.
    const earlyMs = server.arrivals.map((a, i) => beforeMs + i * 50 - a.atMs);
    expect(Math.max(...earlyMs)).toBeLessThan(2);
  });

  it('sends the same bytes until they are acknowledged, and logs them once', async () => {
    server.reply = (_, n) => (n % 3 === 0 ? 'reset' : n % 5 === 0 ? { status: 503 } : { status: 202 });
    const { result, logged } = await run('--rate', '2000', '--seconds', '1');
    expect(logged.sort(byId)).toEqual(server.accepted.map(identity).sort(byId));
    expect(new Set(logged.map((l) => l.id)).size).toBe(logged.length);
    expect(result.retries.no_answer).toBeGreaterThan(0);
    expect(result.unacknowledged).toBe(0);
  });

  it('puts its schedule off while the server takes nothing', async () => {
    server.reply = (_, n) => (n <= 4 ? { status: 503, headers: { 'retry-after': '0.2' } } : { status: 202 });
    const { result } = await run('--rate', '2000', '--seconds', '1.5', '--connections', '1');
    // Four waits of 0.2 s at least, less the first batch's interval and what may be caught up.
    expect(result.stalledMs).toBeGreaterThan(300);
    expect(result.accepted).toBeLessThanOrEqual(2_000 * (1.5 - result.stalledMs / 1_000) + 101);
  });

  it('does not log what was refused', async () => {
    server.reply = ({ lines }) => ({
      status: 202,
      body: { accepted: lines.length - 1, rejected: [{ index: 1, code: 'unknown_action' }] },
    });
    const { result, logged } = await run('--rate', '1000', '--seconds', '0.5');
    const kept = server.arrivals.flatMap((a) => a.lines.filter((_, i) => i !== 1));
    expect(logged.sort(byId)).toEqual(kept.map(identity).sort(byId));
    expect(result.rejected.unknown_action).toBe(server.arrivals.length);
  });

  it('repeats whole batches and makes old records when asked to', async () => {
    const { result, logged } = await run('--rate', '4000', '--seconds', '1.5', '--duplicates', '0.4', '--late', '0.2');
    expect(result.repeated).toBeGreaterThan(0);
    expect(server.accepted.length).toBe(logged.length + result.repeated);
    expect(new Set(server.accepted).size).toBe(logged.length);
    const late = logged.filter((l) => Number(l.t) < Date.now() - 660_000).length / logged.length;
    expect(late).toBeGreaterThan(0.15);
    expect(late).toBeLessThan(0.25);
  });

  it('says what was never acknowledged', async () => {
    server.reply = () => ({ status: 503 });
    const { result, logged } = await run('--rate', '100', '--seconds', '0.3', '--drain', '0.2');
    expect(result.unacknowledged).toBeGreaterThan(0);
    expect(logged).toEqual([]);
  });

  it('ends with the reason when whole batches are refused', async () => {
    server.reply = () => ({ status: 413 });
    await expect(run('--seconds', '1')).rejects.toThrow(/http_413/);
  });
});

describe('options', () => {
  const parse = (...args: string[]) => parseLoadOptions(args, (path) => `secret of ${path}`);
  it('fill in what is left out', () => {
    expect(parse('--key-file', 'f')).toMatchObject({
      key: 'secret of f',
      rate: 10_000,
      batchRecords: 500,
      users: 50_000,
    });
  });
  it.each([
    [[], /--key/],
    [['--key', 'k', '--rate', '0'], /--rate/],
    [['--key', 'k', '--url', 'x'], /--url/],
    [['--key', 'k', '--speed', '1'], /speed/],
  ])('%j are refused', (args, problem) => {
    expect(() => parse(...args)).toThrow(problem);
  });
});
