import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { Server } from 'socket.io';
import { readCookie, WORKSPACE_COOKIE } from '../../src/server/session/cookies.ts';
import type { Principal, SessionAuthority } from '../../src/server/session/principal.ts';
import { Gauge, type MetricsRegistry } from '../metrics/registry.ts';
import { LiveConnection } from './connection.ts';
import { liveParser } from './encodedPayload.ts';
import { LiveHub } from './hub.ts';
import type { SocketRefusals } from './socketRefusals.ts';
import type { LiveServer, LiveSocket } from './subscriber.ts';
import type { SourcePorts } from './topicSource.ts';

export interface GatewayOptions {
  readonly httpServer: HttpServer;
  readonly ports: SourcePorts;
  readonly sessions: SessionAuthority;
  readonly sessionCookie: string;
  /** The product's own origins; sockets of other pages are refused. */
  readonly origins: readonly string[];
  /** Whether the request names this server's public host, once. */
  readonly isOwnHost: (req: IncomingMessage) => boolean;
  readonly metrics: MetricsRegistry;
  readonly refusals: SocketRefusals;
  readonly onFault: (error: unknown, where: string) => void;
  readonly maxSockets?: number;
  /** How often session and roles are looked at again, ms. Default 4 s. */
  readonly recheckMs?: number;
}

export interface LiveGateway {
  readonly hub: LiveHub;
  close(): Promise<void>;
}

export const SOCKET_PATH = '/ws';
const MAX_MESSAGE_BYTES = 16_384;
const DEFAULT_MAX_SOCKETS = 5_000;
export const DEFAULT_RECHECK_MS = 4_000;
const RECHECK_AT_ONCE = 500;

interface Credentials {
  readonly token: string | null;
  readonly workspaceId: string | null;
}

/** socket.io on the product's own port: who may connect, and what each connection may hear. */
export async function startLiveGateway(options: GatewayOptions): Promise<LiveGateway> {
  const { httpServer, ports, sessions, metrics, refusals, onFault, maxSockets = DEFAULT_MAX_SOCKETS } = options;
  const io: LiveServer = new Server(httpServer, {
    path: SOCKET_PATH,
    parser: liveParser,
    serveClient: false,
    destroyUpgrade: false,
    transports: ['websocket'],
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    allowRequest: (req, decide) => {
      const reason = foreignness(req, options);
      if (reason !== null) refusals.connection(reason, req);
      decide(reason, reason === null);
    },
  });
  const hub = new LiveHub({ ports, io, onFault: (error) => onFault(error, 'live') });
  await hub.start();
  const principals = new WeakMap<LiveSocket, Principal>();
  const connections = new Map<LiveSocket, LiveConnection>();
  const credentialsOf = (req: IncomingMessage): Credentials => ({
    token: readCookie(req.headers.cookie, options.sessionCookie),
    workspaceId: readCookie(req.headers.cookie, WORKSPACE_COOKIE),
  });

  io.use((socket, next) => {
    const refuse = (reason: 'too_many' | 'signed_out' | 'no_role' | 'unavailable'): void => {
      refusals.connection(reason, socket.request);
      next(new Error(reason));
    };
    if (connections.size >= maxSockets) return refuse('too_many');
    const { token, workspaceId } = credentialsOf(socket.request);
    sessions.resolve(token, workspaceId).then(
      (outcome) => {
        if (outcome.kind !== 'principal') return refuse(outcome.kind);
        principals.set(socket, outcome.principal);
        next();
      },
      () => refuse('unavailable'),
    );
  });
  io.on('connection', (socket) => {
    const principal = principals.get(socket);
    if (principal === undefined) return socket.disconnect(true);
    connections.set(socket, new LiveConnection(socket, principal, { hub, refusals, onFault }));
    return socket.once('disconnect', () => {
      connections.get(socket)?.close();
      connections.delete(socket);
    });
  });

  const recheck = async (): Promise<void> => {
    const all = [...connections];
    for (let from = 0; from < all.length; from += RECHECK_AT_ONCE) {
      const some = all.slice(from, from + RECHECK_AT_ONCE);
      await sessions.preload(some.flatMap(([socket]) => credentialsOf(socket.request).token ?? []));
      await Promise.all(some.map(([socket, connection]) => recheckOne(socket, connection)));
    }
  };
  const recheckOne = async (socket: LiveSocket, connection: LiveConnection): Promise<void> => {
    const { token } = credentialsOf(socket.request);
    const outcome = await sessions.resolve(token, connection.workspaceId);
    connection.refreshed(outcome.kind === 'principal' ? outcome.principal : null);
  };
  const stopRechecks = repeat(recheck, options.recheckMs ?? DEFAULT_RECHECK_MS, (error) => onFault(error, 'recheck'));
  metrics.add('live_sockets', new Gauge('Open sockets.', () => connections.size));
  metrics.add('live_topics', new Gauge('Distinct topics that somebody listens to.', () => hub.roomCount));
  metrics.add('live_slowdowns', new Gauge('Times a socket was too slow to follow.', () => hub.slowdowns));
  return {
    hub,
    close: async () => {
      stopRechecks();
      await hub.close();
      io.disconnectSockets(true);
      // Not io.close(): the HTTP server is not the gateway's to close.
      io.engine.close();
    },
  };
}

/** Why a request is not of the product's own pages, or null. */
function foreignness(
  req: IncomingMessage,
  { isOwnHost, origins }: GatewayOptions,
): 'foreign_host' | 'foreign_origin' | null {
  if (!isOwnHost(req)) return 'foreign_host';
  return origins.includes(req.headers.origin ?? '') ? null : 'foreign_origin';
}

/** Runs the work again and again, each time after a pause; returns how to stop. */
function repeat(work: () => Promise<void>, pauseMs: number, onError: (error: unknown) => void): () => void {
  let isStopped = false;
  let timer: NodeJS.Timeout | null = null;
  const next = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => {
      work().catch(onError).finally(next);
    }, pauseMs);
  };
  next();
  return () => {
    isStopped = true;
    if (timer !== null) clearTimeout(timer);
  };
}
