import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { Worker } from './worker.ts';

/** Health, readiness and metrics on loopback. */
export async function startInternalServer(worker: Worker, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, { 'content-type': type });
      response.end(body);
    };
    switch (request.url) {
      case '/healthz':
        return answer(200, 'ok\n');
      case '/readyz': {
        const owned = worker.owned();
        const ready = owned.length > 0 && owned.every((o) => o.status.state === 'running');
        return answer(ready ? 200 : 503, ready ? 'ready\n' : 'restoring\n');
      }
      case '/metrics':
        return answer(200, metrics(worker), 'application/openmetrics-text; version=1.0.0; charset=utf-8');
      default:
        return answer(404, 'not found\n');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function metrics(worker: Worker): string {
  const owned = worker.owned();
  const rows = (name: string, value: (o: (typeof owned)[number]) => number | null): string[] =>
    owned.flatMap((o) => {
      const v = value(o);
      return v === null ? [] : [`${name}{task="${o.lease.task}",partition="${o.lease.partition}"} ${v}`];
    });
  const family = (name: string, type: string, help: string, lines: readonly string[]): readonly string[] => [
    `# TYPE ${name} ${type}`,
    `# HELP ${name} ${help}`,
    ...lines,
  ];
  return [
    ...family(
      'ebap_task_records',
      'counter',
      'Records taken in since the partition was taken over.',
      rows('ebap_task_records_total', (o) => o.status.records),
    ),
    ...family(
      'ebap_task_lag_records',
      'gauge',
      'Records on the log that were not taken in yet.',
      rows('ebap_task_lag_records', (o) => Math.max(0, o.status.endOffset - o.status.nextOffset)),
    ),
    ...family(
      'ebap_task_watermark_seconds',
      'gauge',
      'Watermark of the partition, seconds since the epoch.',
      rows('ebap_task_watermark_seconds', (o) => (o.status.watermarkMs === null ? null : o.status.watermarkMs / 1_000)),
    ),
    ...family(
      'ebap_task_checkpoint_bytes',
      'gauge',
      'Bytes written by the newest checkpoint.',
      rows('ebap_task_checkpoint_bytes', (o) => o.status.lastCheckpoint?.bytes ?? 0),
    ),
    ...family(
      'ebap_task_checkpoint_barrier_seconds',
      'gauge',
      'How long the task stood still for its newest checkpoint.',
      rows('ebap_task_checkpoint_barrier_seconds', (o) => (o.status.lastCheckpoint?.barrierMs ?? 0) / 1_000),
    ),
    ...family('ebap_process_resident_memory_bytes', 'gauge', 'Resident memory.', [
      `ebap_process_resident_memory_bytes ${process.memoryUsage.rss()}`,
    ]),
    ...family('ebap_process_private_memory_bytes', 'gauge', 'Resident memory without mapped files, which are cache.', [
      ...privateMemoryBytes().map((bytes) => `ebap_process_private_memory_bytes ${bytes}`),
    ]),
    ...family('ebap_process_cpu_seconds', 'counter', 'CPU time used.', [
      `ebap_process_cpu_seconds_total ${(process.cpuUsage().user + process.cpuUsage().system) / 1e6}`,
    ]),
    '# EOF',
    '',
  ].join('\n');
}

/** Linux tells it, other systems don't. */
function privateMemoryBytes(): readonly number[] {
  if (process.platform !== 'linux') return [];
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return kilobytes === undefined ? [] : [Number(kilobytes) * 1_024];
}
