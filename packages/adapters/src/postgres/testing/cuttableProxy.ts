import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Sits between a client and the server, and loses answers on demand. */
export interface CuttableProxy {
  readonly port: number;
  /** From now on, the client's connection breaks in place of the first answer that contains `text`. */
  cutBefore(text: string): void;
  /** Breaks all connections now, as a killed client does: a busy server learns of it when it next reads. */
  cut(): void;
  stop(): Promise<void>;
}

export async function startCuttableProxy(serverPort: number): Promise<CuttableProxy> {
  let cutText: string | null = null;
  const clients = new Set<Socket>();
  const upstreams = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1');
    clients.add(client);
    upstreams.add(upstream);
    client.on('error', () => {}).on('data', (chunk) => upstream.write(chunk));
    client.on('end', () => upstream.end());
    upstream.on('error', () => {}).on('close', () => client.destroy());
    upstream.on('data', (chunk) => {
      if (cutText !== null && chunk.includes(cutText)) {
        cutText = null;
        client.destroy();
      } else client.write(chunk);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cutBefore: (text) => {
      cutText = text;
    },
    cut: () => {
      for (const socket of [...clients, ...upstreams]) socket.destroy();
    },
    async stop() {
      for (const socket of [...clients, ...upstreams]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
