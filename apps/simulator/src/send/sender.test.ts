import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RandomStream } from '../model/index.ts';
import { IngestServer } from '../testing/ingestServer.ts';
import { untilReady } from './readiness.ts';
import { Sender, type SenderOptions } from './sender.ts';

let server: IngestServer;
const open: Sender[] = [];

beforeEach(async () => {
  server = await IngestServer.start();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((s) => s.close(0)));
  await server[Symbol.asyncDispose]();
});

function sender(options: Partial<SenderOptions> = {}): Sender {
  const stream = new RandomStream(1, 'send');
  const made = new Sender({
    url: server.url,
    apiKey: 'key-1',
    stream,
    maxPendingRecords: 1_000,
    flushMs: 20,
    ...options,
  });
  open.push(made);
  return made;
}

/** Waits for the condition; the limit only ends what would never come. */
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 15_000, interval: 5 });

const lines = (n: number): string[] => Array.from({ length: n }, (_, i) => JSON.stringify({ n: i }));

async function offerAll(to: Sender, all: readonly string[]): Promise<void> {
  for (const line of all) to.offer(line);
  await until(() => to.pending === 0);
}

describe('a sender', () => {
  it('sends what it is offered within the flush time, with the key', async () => {
    const to = sender();
    await offerAll(to, lines(3));
    expect(server.arrivals).toHaveLength(1);
    expect(server.arrivals[0]).toMatchObject({ authorization: 'Bearer key-1', encoding: 'identity', lines: lines(3) });
    expect(to.counts).toMatchObject({ offered: 3, accepted: 3, batches: 1, retries: {} });
  });

  it('cuts batches by records and compresses large ones', async () => {
    await offerAll(sender({ maxBatchRecords: 400, gzipFromBytes: 2_000, concurrency: 1 }), lines(900));
    expect(server.arrivals.map((a) => [a.lines.length, a.encoding])).toEqual([
      [400, 'gzip'],
      [400, 'gzip'],
      [100, 'identity'],
    ]);
    expect(server.accepted).toEqual(lines(900));
  });

  it('sends the very same records again after 503, 429, a reset and a hanging server, until they are taken', async () => {
    const script = [{ status: 503 }, { status: 429 }, 'reset', 'hang', { status: 500 }] as const;
    server.reply = (_, n) => script[n - 1] ?? { status: 202 };
    const to = sender({ timeoutMs: 200 });
    await offerAll(to, lines(5));
    expect(server.arrivals.map((a) => a.lines)).toEqual(Array.from({ length: 6 }, () => lines(5)));
    expect(server.accepted).toEqual(lines(5));
    expect(to.counts.retries).toEqual({ http_503: 1, http_429: 1, no_answer: 2, http_500: 1 });
  });

  it('waits as long as Retry-After says', async () => {
    server.reply = (_, n) => (n === 1 ? { status: 503, headers: { 'retry-after': '1' } } : { status: 202 });
    await offerAll(sender(), lines(1));
    const [first, second] = server.arrivals;
    // A slow machine only makes it longer.
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('counts refused records by code and does not send them again', async () => {
    server.reply = () => ({
      status: 202,
      body: { accepted: 1, rejected: [{ index: 0, code: 'invalid_id', message: 'no' }] },
    });
    const to = sender();
    await offerAll(to, lines(2));
    expect(to.counts).toMatchObject({ accepted: 1, rejected: { invalid_id: 1 } });
    expect(server.arrivals).toHaveLength(1);
  });

  it('halves a batch that is too large, and gives up only the one record that nobody takes', async () => {
    server.reply = ({ lines: batch }) => (batch.includes('{"n":6}') ? { status: 413 } : { status: 202 });
    const to = sender();
    await offerAll(to, lines(10));
    expect([...server.accepted].sort()).toEqual(lines(10).filter((l) => l !== '{"n":6}'));
    expect(to.counts.refused).toBe(1);
  });

  it('has no room while too much waits, drops nothing, and has room again', async () => {
    server.reply = () => ({ status: 503 });
    const to = sender({ maxPendingRecords: 10 });
    let offered = 0;
    for (; to.hasRoom; offered++) to.offer(`{"n":${offered}}`);
    expect(offered).toBe(10);
    await until(() => server.arrivals.length >= 3);
    expect([to.hasRoom, to.pending]).toEqual([false, 10]);
    server.reply = () => ({ status: 202 });
    await until(() => to.hasRoom);
    expect(server.accepted).toEqual(lines(10));
  });

  it('keeps to its number of requests at once', async () => {
    server.reply = ({ authorization }) => (authorization === 'Bearer other' ? { status: 202 } : 'hang');
    const to = sender({ maxBatchRecords: 1, concurrency: 3 });
    for (const line of lines(8)) to.offer(line);
    await until(() => server.arrivals.length >= 3);
    // What could be under way by mistake would arrive before a later sender is through.
    await offerAll(sender({ apiKey: 'other' }), lines(1));
    expect(server.arrivals.filter(({ authorization }) => authorization === 'Bearer key-1')).toHaveLength(3);
    expect(to.pending).toBe(8);
  });

  it('on closing sends what is left and tells what was not acknowledged', async () => {
    const done = sender({ flushMs: 60_000 });
    for (const line of lines(4)) done.offer(line);
    expect(await done.close(1_000)).toBe(0);
    expect(server.accepted).toEqual(lines(4));
    server.reply = () => ({ status: 503 });
    const stuck = sender();
    stuck.offer('{}');
    expect(await stuck.close(100)).toBe(1);
  });
});

describe('waiting for the platform', () => {
  it('lasts until it is ready', async () => {
    server.ready = false;
    let isOver = false;
    const waiting = untilReady(server.url, new RandomStream(1, 'ready'), new AbortController().signal).finally(() => {
      isOver = true;
    });
    await until(() => server.readinessChecks >= 2);
    expect(isOver).toBe(false);
    server.ready = true;
    expect(await waiting).toBe(true);
  });

  it('ends when it is told to, with nobody there', async () => {
    const stop = AbortSignal.timeout(100);
    expect(await untilReady('http://127.0.0.1:1', new RandomStream(1, 'ready'), stop)).toBe(false);
  });
});
