/** What the machine itself can do, to read the other figures by. Prints one JSON line. */
import { createHash } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

function perSecond(times: number, work: () => void): number {
  work();
  const started = performance.now();
  for (let i = 0; i < times; i++) work();
  return Math.round((times * 1_000) / (performance.now() - started));
}

const event = JSON.stringify({
  id: '0b0c5f7e-8f0e-4c55-9c0e-0a5f3f0b7d11',
  user_id: 'user-12345',
  action: 'purchase',
  timestamp: '2026-11-21T09:00:00.000Z',
  location: '48.85,2.35',
  metadata: { amount: 74.9, currency: 'EUR', item_id: 'SKU-42', platform: 'ios' },
});
const block = Buffer.alloc(1 << 20, 7);
const table = new Float64Array(1 << 22);
let at = 1;

const folder = mkdtempSync(join(tmpdir(), 'ebap-baseline-'));
const file = openSync(join(folder, 'f'), 'w');
const page = Buffer.alloc(4_096);
const syncs = Array.from({ length: 200 }, () => {
  const started = performance.now();
  writeSync(file, page);
  fdatasyncSync(file);
  return performance.now() - started;
}).sort((a, b) => a - b);
closeSync(file);
rmSync(folder, { recursive: true });

const counts = new Map<string, number>();
console.log(
  JSON.stringify({
    bench: 'baseline',
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    loadAverage: loadavg()[0],
    jsonParsePerSecond: perSecond(300_000, () => void JSON.parse(event)),
    naiveCountPerSecond: perSecond(300_000, () => {
      const parsed = JSON.parse(event) as { readonly action: string; readonly timestamp: string };
      const key = `${parsed.action}/${Math.floor(Date.parse(parsed.timestamp) / 60_000)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }),
    sha256MbPerSecond: perSecond(200, () => void createHash('sha256').update(block).digest()),
    randomAddsPerMicrosecond:
      perSecond(200, () => {
        for (let i = 0; i < 10_000; i++) {
          at = Math.imul(at, 0x9e3779b1) + 1;
          table[at >>> 10] = (table[at >>> 10] as number) + 1;
        }
      }) / 100,
    fsyncMs: { p50: syncs[100], p95: syncs[190] },
  }),
);
