import { AppError } from '@ebap/pipeline/errors';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { isDemotedMaster } from './faults.ts';

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Where the data is. */
export type RedisAddress =
  /** One server: `redis://` or `rediss://` (TLS) `[user:password@]host[:port][/database]`. */
  | { readonly mode: 'single'; readonly url: string }
  /** A master found through Sentinels, which may have sign-ins of their own. */
  | {
      readonly mode: 'sentinel';
      /** Name of the master's group. */
      readonly name: string;
      readonly sentinels: readonly HostAndPort[];
      readonly sentinelUsername?: string;
      readonly sentinelPassword?: string;
    }
  /** A Redis Cluster; some of its nodes are enough. */
  | { readonly mode: 'cluster'; readonly nodes: readonly HostAndPort[] };

export interface RedisAccess {
  readonly address: RedisAddress;
  /** ACL user; those of a URL are used where these are not given. */
  readonly username?: string;
  readonly password?: string;
  /** Speak TLS; `ca` holds PEM certificates to trust instead of the system's. A `rediss://` URL needs only a `ca`. */
  readonly tls?: { readonly ca?: string | Buffer };
  /** Longest that a server may leave a command unanswered. */
  readonly answerTimeoutMs: number;
}

export type RedisClient = Redis | Cluster;

/** What is used of the driver's options. */
type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

const CONNECT_TIMEOUT_MS = 3_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;
/** A cluster's client tries a command again this often while a replica takes over; the call's own bound is shorter. */
const CLUSTER_TRIES = 16;
const CLUSTER_RETRY_MS = 200;

/**
 * A client that is not connected yet, reconnects for ever, and keeps nothing for later: what can't be sent, or was
 * sent over a connection that broke, fails at once.
 * @throws AppError `configuration` for an address that is none.
 */
export function createClient(access: RedisAccess): RedisClient {
  const { address } = access;
  const options = { ...commonOptions(access), retryStrategy: retryDelayMs };
  if (address.mode !== 'cluster') return new Redis({ ...placeOf(address), ...options });
  const { retryStrategy, enableOfflineQueue, lazyConnect, ...redisOptions } = options;
  return new Cluster(nodesOf(address.nodes), {
    clusterRetryStrategy: retryStrategy,
    enableOfflineQueue,
    lazyConnect,
    redisOptions,
    maxRedirections: CLUSTER_TRIES,
    retryDelayOnFailover: CLUSTER_RETRY_MS,
    retryDelayOnClusterDown: CLUSTER_RETRY_MS,
    retryDelayOnTryAgain: CLUSTER_RETRY_MS,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
  });
}

/**
 * A connection for one subscription, not connected yet: it ends when it breaks. Of a cluster any node will do, as
 * nodes pass on what is published: `attempt` picks one after the other.
 */
export function createSubscriber(access: RedisAccess, attempt: number): Redis {
  const { address } = access;
  const options = { ...commonOptions(access), retryStrategy: null };
  if (address.mode !== 'cluster') return new Redis({ ...placeOf(address), ...options });
  const node = address.nodes[attempt % address.nodes.length];
  if (node === undefined) throw new AppError('configuration', 'A Redis Cluster needs the address of a node.');
  return new Redis({ ...options, ...node });
}

function commonOptions({ address, username, password, tls, answerTimeoutMs }: RedisAccess): ConnectionOptions {
  const isTls = tls !== undefined || (address.mode === 'single' && address.url.startsWith('rediss:'));
  return {
    // RESP2 is what all servers, proxies and minimal ACLs (no HELLO) speak; nothing here needs RESP3.
    protocol: 2,
    connectionName: 'ebap-hot-store',
    // A right more for the ACL, which servers before 7.2 don't even know.
    disableClientInfo: true,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(isTls && { tls: tls?.ca === undefined ? {} : { ca: tls.ca } }),
    ...(isTls && address.mode === 'sentinel' && { enableTLSForSentinelMode: true, sentinelTLS: tls ?? {} }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: answerTimeoutMs,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    reconnectOnError: isDemotedMaster,
  };
}

function placeOf(address: Exclude<RedisAddress, { mode: 'cluster' }>): ConnectionOptions {
  if (address.mode === 'single') return placeOfUrl(address.url);
  const { name, sentinels, sentinelUsername, sentinelPassword } = address;
  return {
    name,
    sentinels: nodesOf(sentinels),
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    sentinelRetryStrategy: retryDelayMs,
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
    // The driver's own detector may end the client for good when it fires while connecting: a broken connection or a
    // READONLY answer is what tells us.
    failoverDetector: false,
  };
}

/** Only what the URL names: options that are given beside it win. */
function placeOfUrl(text: string): ConnectionOptions {
  const url = URL.parse(text);
  if (url === null || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '')
    throw new AppError('configuration', 'The address of Redis begins with redis:// or rediss:// and names a host.');
  const database = url.pathname.slice(1);
  if (!/^\d*$/.test(database)) throw new AppError('configuration', 'The database of a Redis address is a number.');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
    ...(database !== '' && { db: Number(database) }),
  };
}

function nodesOf(nodes: readonly HostAndPort[]): HostAndPort[] {
  if (nodes.length === 0) throw new AppError('configuration', 'Redis needs the address of at least one node.');
  return [...nodes];
}

function retryDelayMs(attempts: number): number {
  const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 10));
  return delayMs / 2 + (Math.random() * delayMs) / 2;
}
