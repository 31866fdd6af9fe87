import { createServer, type Server } from 'node:http';
import { type MetricsRegistry, OPENMETRICS_CONTENT_TYPE } from '../metrics/registry.ts';
import type { Health } from './health.ts';

/** Health in detail and metrics, on loopback only. Resolves when it listens. */
export async function startInternalServer(port: number, health: Health, metrics: MetricsRegistry): Promise<Server> {
  const server = createServer((req, res) => {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
    if (health.handle(req, res, path, true)) return;
    if (path !== '/metrics') {
      res.writeHead(404).end();
      return;
    }
    res.writeHead(200, { 'content-type': OPENMETRICS_CONTENT_TYPE, 'cache-control': 'no-store' });
    res.end(metrics.render());
  });
  await listen(server, port, '127.0.0.1');
  return server;
}

/** Resolves when the server listens. @throws what the system says, e.g. `EADDRINUSE`. */
export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
