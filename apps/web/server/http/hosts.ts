import type { IncomingMessage } from 'node:http';

/** What to do with a request by the host it was sent to. */
export type HostVerdict = 'own' | 'alias' | 'foreign';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Judges `Host`: the public host is ours; the machine's loopback names are aliases of it while the server listens on
 * loopback; any other name was made to point here by somebody else (DNS rebinding).
 */
export function hostCheck(options: {
  readonly publicUrl: string;
  readonly port: number;
  readonly isLoopback: boolean;
}) {
  const own = new URL(options.publicUrl).host;
  const aliases = new Set(options.isLoopback ? LOOPBACK_NAMES.map((name) => `${name}:${options.port}`) : []);
  return (req: IncomingMessage): HostVerdict => {
    const host = req.headers.host?.toLowerCase() ?? '';
    if (host === own) return 'own';
    return aliases.has(host) ? 'alias' : 'foreign';
  };
}
