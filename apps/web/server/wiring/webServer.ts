import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { openDeadLetterCipher } from '@ebap/adapters/dead-letters';
import type { Logger } from '@ebap/adapters/logging';
import { TOPICS } from '@ebap/pipeline/contracts';
import { isAppError } from '@ebap/pipeline/errors';
import { PROVIDER_PATH } from '../../src/server/auth/paths.ts';
import { DeadLetterIndex } from '../../src/server/live/deadLetterIndex.ts';
import { FeedReader } from '../../src/server/live/feedReader.ts';
import { PipelineReader } from '../../src/server/live/pipelineReader.ts';
import { cachedReference } from '../../src/server/live/reference.ts';
import { provideServices, type WebServices } from '../../src/server/services.ts';
import { StoredSessionAuthority } from '../../src/server/session/authority.ts';
import { sessionCookieName } from '../../src/server/session/cookies.ts';
import { type EngineWatch, enginesView, guardStores, registerEngineMetrics, watchEngines } from '../engines/index.ts';
import type { WebSettings } from '../env.ts';
import { secureHeaders } from '../http/contentSecurity.ts';
import { Health } from '../http/health.ts';
import { hostCheck } from '../http/hosts.ts';
import { listen, startInternalServer } from '../http/internalServer.ts';
import { countHosts } from '../http/requestTarget.ts';
import { router } from '../http/router.ts';
import { assertDemoIdentityAllowed, createIdentityProvider } from '../idp/identityProvider.ts';
import { DEMO_ACCOUNTS } from '../idp/people.ts';
import { createIngest, type Ingest } from '../ingest/createIngest.ts';
import { SharedEdgeRates } from '../ingest/edgeRates.ts';
import { ingestHandler } from '../ingest/index.ts';
import { type GatewayOptions, type LiveGateway, SOCKET_PATH, startLiveGateway } from '../live/gateway.ts';
import { SocketRefusals } from '../live/socketRefusals.ts';
import { registerProcessMetrics } from '../metrics/processMetrics.ts';
import { MetricsRegistry } from '../metrics/registry.ts';
import { ActionNames } from './actionNames.ts';
import { profiles, referenceDirectory, subjectKeyring, writeKeys } from './directories.ts';
import type { Pages, PagesOptions } from './pages.ts';
import type { Stores } from './stores.ts';

export interface WebServerOptions {
  readonly web: WebSettings;
  readonly stores: Stores;
  readonly openPages: (options: PagesOptions) => Promise<Pages>;
  readonly logger: Logger;
}

export interface WebServer {
  readonly port: number;
  readonly services: WebServices;
  /** Stops in order: nothing new, what is under way ends, stores stay open. */
  stop(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than load balancers and SDKs keep an idle connection, so that they are the ones who close it. */
const KEEP_ALIVE_MS = 65_000;
const DRAIN_MS = 5_000;
const BURST_SECONDS = 2;

/** Puts the web process together and listens. @throws AppError `configuration`; what the system says of the port. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { web, stores, logger } = options;
  const { settings } = web;
  const onFault = (error: unknown, where: string): void =>
    logger.log(isAppError(error, 'unavailable') ? 'warn' : 'error', 'request failed', { where, error });
  const metrics = new MetricsRegistry();
  registerProcessMetrics(metrics);
  const names = new ActionNames(stores.db.reference);
  await names.start(onFault);
  const cipher = openDeadLetterCipher(web.keyEncryptionKey, Date.now);
  const guarded = { ...stores, ...guardStores({ ...stores, areRemote: settings.cluster !== null, metrics, logger }) };
  const ingest = await openIngest(web, guarded, metrics, names, (payload) => cipher.seal(payload));
  const openLetter = (payload: string): Uint8Array | null => {
    try {
      return cipher.open({ payload, sealed: true });
    } catch {
      return null;
    }
  };
  const edgeRates = sharedEdgeRates(web, guarded, ingest, onFault);
  const { isLogRefusing, sinceAppendMs } = guarded;
  const engines = watchEngines({
    ...stores,
    settings,
    databaseUrl: web.databaseUrl,
    isLogRefusing,
    sinceAppendMs,
    logger,
  });
  registerEngineMetrics(metrics, engines.watch);
  const services = webServices(web, guarded, edgeRates, engines.watch, openLetter, onFault);
  provideServices(services);
  const httpServer = createServer({
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    shouldUpgradeCallback: (req) => isSocketUpgrade(req, web.isDevelopment),
  });
  const health = new Health(() => engines.watch.statuses());
  const hostOf = hostCheck({ publicUrl: settings.publicUrl, port: settings.port, isLoopback: web.isLoopback });
  const gateway = await openGateway(httpServer, services, guarded, {
    metrics,
    onFault,
    isOwnHost: (req) => hostOf(req) === 'own' && countHosts(req.rawHeaders) === 1,
    refusals: new SocketRefusals({
      metrics,
      onFault,
      nowMs: Date.now,
      log: (level, message, fields) => logger.log(level, message, fields),
      audit: services.audit,
    }),
  });
  const pages = await options.openPages({
    httpServer,
    host: settings.host,
    port: settings.port,
    isDevelopment: web.isDevelopment,
    socketPath: SOCKET_PATH,
  });
  httpServer.on(
    'request',
    router({
      publicUrl: settings.publicUrl,
      health,
      hostOf,
      secureHeaders: secureHeaders({
        publicUrl: settings.publicUrl,
        identityOrigin: new URL(settings.oidc.issuer).origin,
        isDevelopment: web.isDevelopment,
      }),
      ingest: ingestHandler(ingest.segment, onFault),
      identityProvider: identityProvider(web, onFault),
      socketPath: SOCKET_PATH,
      pages: pages.handle,
      onFault,
    }),
  );
  const internal = await startInternalServer(settings.internalPort, health, metrics);
  await listen(httpServer, settings.port, settings.host);
  edgeRates.start();
  return {
    port: (httpServer.address() as AddressInfo).port,
    services,
    stop: async () => {
      health.stop();
      names.stop();
      await gateway.close();
      await engines.close();
      await Promise.all([closeServer(httpServer), closeServer(internal)]);
      await edgeRates.stop();
      await pages.close();
    },
  };
}

function openIngest(
  { settings, keyEncryptionKey, ingestPerSecond }: WebSettings,
  { db, log, schemaId }: Stores,
  metrics: MetricsRegistry,
  names: ActionNames,
  seal: Parameters<typeof createIngest>[0]['seal'],
): Promise<Ingest> {
  return createIngest(
    {
      log,
      schemaId,
      metrics,
      seal,
      keys: writeKeys(db),
      subjects: subjectKeyring(db, keyEncryptionKey),
      profiles: settings.cluster?.capture.sourceDatabaseUrl === undefined ? profiles(db) : null,
      eventNames: names.table,
    },
    { ratePerSecond: ingestPerSecond, rateBurst: ingestPerSecond * BURST_SECONDS },
  );
}

function sharedEdgeRates(
  { settings }: WebSettings,
  { hot }: Stores,
  { metrics }: Ingest,
  onFault: WebServices['onFault'],
): SharedEdgeRates {
  return new SharedEdgeRates({
    hot,
    processId: `${hostname()}:${settings.internalPort}`,
    startedAtMs: Date.now(),
    totals: () => ({ accepted: metrics.accepted.total, rejected: metrics.rejected.total }),
    nowMs: Date.now,
    onFault: (error) => onFault(error, 'ingest rates'),
  });
}

function webServices(
  { settings, sessionSecret, clientSecret, groupGrants }: WebSettings,
  { db, log, hot }: Stores,
  edgeRates: SharedEdgeRates,
  watch: EngineWatch,
  open: (payload: string) => Uint8Array | null,
  onFault: WebServices['onFault'],
): WebServices {
  const { publicUrl, oidc, profile } = settings;
  const nowMs = Date.now;
  const deadLetters = new DeadLetterIndex({ log, open, nowMs });
  return {
    publicUrl,
    sessionCookie: sessionCookieName(publicUrl.startsWith('https:')),
    identity: { issuer: oidc.issuer, clientId: oidc.clientId, clientSecret, groupGrants, secret: sessionSecret },
    sessions: new StoredSessionAuthority(db.sessions, nowMs),
    sessionStore: db.sessions,
    members: db.members,
    workspaces: db.workspaces,
    hot: { hot, reference: cachedReference(referenceDirectory(db), nowMs), nowMs },
    deadLetters,
    pipeline: new PipelineReader({ hot, log, deadLetters, nowMs, ingestRates: () => edgeRates.read() }),
    engines: profile === 'embedded' ? { live: 'LMDB', pipeline: 'LMDB' } : { live: 'Redis', pipeline: 'Kafka' },
    engineStatus: (permissions) => enginesView(watch.statuses(), permissions.includes('read:pipeline_status'), nowMs()),
    audit: (entry) => db.audit.append([entry]),
    onFault,
  };
}

async function openGateway(
  httpServer: Server,
  services: WebServices,
  { log, hot }: Stores,
  guards: Pick<GatewayOptions, 'metrics' | 'onFault' | 'isOwnHost' | 'refusals'>,
): Promise<LiveGateway> {
  const partitions = await log.partitionCount(TOPICS.eventsRaw);
  const feeds = new Map<string, FeedReader>();
  const feedOf = (workspaceId: string): FeedReader => {
    const feed = feeds.get(workspaceId) ?? new FeedReader(hot, workspaceId, partitions);
    feeds.set(workspaceId, feed);
    return feed;
  };
  return startLiveGateway({
    httpServer,
    ports: { ...services.hot, pipeline: services.pipeline, feedOf },
    sessions: services.sessions,
    sessionCookie: services.sessionCookie,
    origins: [new URL(services.publicUrl).origin],
    ...guards,
  });
}

/** The local provider while demo logins are on and no other issuer is set; else null. @throws AppError `configuration`. */
function identityProvider(
  { settings, isLoopback, clientSecret, sessionSecret }: WebSettings,
  onFault: WebServices['onFault'],
) {
  const { publicUrl, oidc, profile, demoLogins } = settings;
  if (!demoLogins || oidc.issuer !== `${publicUrl}/idp`) return null;
  assertDemoIdentityAllowed(profile, isLoopback);
  return createIdentityProvider({
    publicUrl,
    clientId: oidc.clientId,
    clientSecret,
    secret: sessionSecret,
    people: DEMO_ACCOUNTS,
    redirectUri: publicUrl + PROVIDER_PATH.callback,
    afterSignOutUri: publicUrl + PROVIDER_PATH.afterSignOut,
    onFault,
  });
}

/**
 * Nothing but the gateway speaks WebSocket here (and in development the bundler). Every other offer to upgrade, as of
 * HTTP/2 clients that try h2c, is declined by answering in HTTP/1.1 (RFC 9110 §7.8).
 */
function isSocketUpgrade({ headers, url = '' }: IncomingMessage, isDevelopment: boolean): boolean {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return false;
  return isDevelopment || url.startsWith(`${SOCKET_PATH}/`);
}

/** Lets requests under way end; what takes longer than the drain time is cut off. */
async function closeServer(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  server.closeIdleConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearTimeout(timer);
}
