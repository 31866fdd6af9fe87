import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import next from 'next';

export interface Pages {
  readonly handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  close(): Promise<void>;
}

export interface PagesOptions {
  readonly httpServer: Server;
  readonly host: string;
  readonly port: number;
  readonly isDevelopment: boolean;
  /** Sockets of this path are not the pages'. */
  readonly socketPath: string;
}

/** The pages that Next built (in development: builds as they are asked for). Resolves when they can be served. */
export async function openPages(options: PagesOptions): Promise<Pages> {
  const { httpServer, host, port, isDevelopment, socketPath } = options;
  const dir = join(import.meta.dirname, '../..');
  const app = next({ dev: isDevelopment, dir, hostname: host, port, httpServer });
  await app.prepare();
  const handle = app.getRequestHandler();
  if (isDevelopment) {
    const upgrade = app.getUpgradeHandler();
    httpServer.on('upgrade', (req, socket, head) => {
      if (!(req.url ?? '').startsWith(socketPath)) void upgrade(req, socket, head);
    });
  }
  return { handle: async (req, res) => handle(req, res), close: () => app.close() };
}
