import { createServer } from 'node:http';

/** An empty page of another origin. */
export interface ForeignSite {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves it on another port of the product's own host name: of all foreign pages, browsers trust this one most (same
 * site, so it is sent with the product's cookies).
 */
export async function startForeignSite(): Promise<ForeignSite> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>Elsewhere</title><link rel="icon" href="data:,"><body></body>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return {
    url: `http://localhost:${address.port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
