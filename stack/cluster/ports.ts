import { createServer } from 'node:net';
import { AppError } from '@ebap/pipeline/errors';
import { type ClusterPorts, DEFAULT_PORTS } from './versions.ts';

/**
 * Below the ports that systems lend to outgoing connections: an engine that was ended for a while finds its port free
 * again, and several runs that start at once rarely look at the same one.
 */
const FIRST = 20_000;
const COUNT = 10_000;
const ATTEMPTS = 500;
/** Rows lie beside those. */
const ROW_FIRST = 30_100;
const ROWS = 200;
const ROW_SPACING = 10;

/** A port of its own for every listener, each free at this moment. */
export async function freeClusterPorts(): Promise<ClusterPorts> {
  const ports = { ...DEFAULT_PORTS };
  const taken = new Set<number>();
  for (const name of Object.keys(ports)) {
    const port = await freePort(taken);
    taken.add(port);
    Object.assign(ports, { [name]: port });
  }
  return ports;
}

async function freePort(taken: ReadonlySet<number>): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new AppError('unavailable', `No free port was found from ${FIRST} to ${FIRST + COUNT - 1}.`);
}

/** The first of so many ports in a row that are free, below those that systems lend to outgoing connections. */
export async function freePortsInARow(count: number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = ROW_FIRST + Math.floor(Math.random() * ROWS) * ROW_SPACING;
    const free = await Promise.all(Array.from({ length: count }, (_, n) => isPortFree(first + n)));
    if (free.every(Boolean)) return first;
  }
  throw new AppError('unavailable', 'No free ports in a row.');
}

/** Whether this process could listen on the port of 127.0.0.1 now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
