import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@ebap/adapters/event-log';
import { openEmbeddedHotStore } from '@ebap/adapters/hot-store';
import type { Role } from '@ebap/pipeline/access';
import type { DeltaMessage, FeedEvent, NoticeMessage, SnapshotMessage, SubscribeAck } from '@ebap/pipeline/contracts';
import { type Grain, LIVE_PROTOCOL_VERSION, type LiveTopic, topicSpecs } from '@ebap/pipeline/contracts';
import {
  EMPTY_CELL,
  encodeCell,
  FEED_FIELD,
  type FeedCut,
  hotKeys,
  hotTopics,
  type WindowCell,
} from '@ebap/pipeline/hot';
import type { EventLog, HotStore, HotWrite } from '@ebap/pipeline/ports';
import { io, type Socket } from 'socket.io-client';
import { DeadLetterIndex } from '../../src/server/live/deadLetterIndex.ts';
import { FeedReader } from '../../src/server/live/feedReader.ts';
import { PipelineReader } from '../../src/server/live/pipelineReader.ts';
import { type PrincipalOutcome, principalIn, type SessionAuthority } from '../../src/server/session/principal.ts';
import { type LiveGateway, startLiveGateway } from '../live/gateway.ts';
import { type SocketAuditEntry, SocketRefusals } from '../live/socketRefusals.ts';
import { MetricsRegistry } from '../metrics/registry.ts';

const FAR_MS = 4_102_444_800_000;

/** Writes what the worker writes, with the worker's keys. */
export class HotWriterForTests {
  readonly #hot: HotStore;
  #offset = 0;

  constructor(hot: HotStore) {
    this.#hot = hot;
  }

  async #flush(topic: string, writes: readonly HotWrite[]): Promise<void> {
    const fence = { scope: `test/${topic}`, epoch: 1, offset: ++this.#offset };
    await this.#hot.flush({ fence, writes, changes: [{ topic, keys: writes.map((write) => write.key) }] });
  }

  async cell(
    workspace: string,
    grain: Grain,
    startMs: number,
    member: string,
    cell: Partial<WindowCell>,
  ): Promise<void> {
    const write = {
      key: hotKeys.window(workspace, grain, startMs),
      field: member,
      value: encodeCell({ ...EMPTY_CELL, ...cell }),
      expiresAtMs: FAR_MS,
    };
    await this.#flush(hotTopics.windows(workspace), [write]);
  }

  async progress(workspace: string, asOfMs: number, finalThroughMs = 0): Promise<void> {
    const key = hotKeys.progress(workspace);
    await this.#flush(hotTopics.windows(workspace), [
      { key, field: 'asOfMs', value: String(asOfMs), expiresAtMs: FAR_MS },
      { key, field: 'finalThroughMs', value: String(finalThroughMs), expiresAtMs: FAR_MS },
    ]);
  }

  async now(workspace: string, member: string, users: number): Promise<void> {
    const write = { key: hotKeys.now(workspace), field: member, value: String(users), expiresAtMs: FAR_MS };
    await this.#flush(hotTopics.windows(workspace), [write]);
  }

  async feed(workspace: string, cut: FeedCut): Promise<void> {
    const key = hotKeys.feed(workspace, cut.partition, cut.cut);
    const write = { key, field: FEED_FIELD, value: JSON.stringify(cut), expiresAtMs: FAR_MS };
    await this.#flush(hotTopics.feed(workspace), [write]);
  }
}

export function feedEvent(over: Partial<FeedEvent>): FeedEvent {
  return {
    id: '018f6c9e-8f43-7cc1-b0e4-3c2f0e5d9a10',
    timeMs: 0,
    action: 'view',
    platform: 'web',
    region: 'eu-central-1',
    tier: 'free',
    itemId: null,
    amount: null,
    currency: null,
    pseudonym: 'abc',
    profileVersionMs: null,
    partition: 0,
    offset: 0,
    appendMs: 0,
    late: false,
    ...over,
  };
}

interface TestSession {
  readonly name: string;
  readonly workspaces: Readonly<Record<string, readonly Role[]>>;
}

/** Sessions in memory that a test may change. */
export class Sessions implements SessionAuthority {
  readonly active = new Map<string, TestSession>();

  async preload(): Promise<void> {}

  async resolve(token: string | null, workspaceId: string | null): Promise<PrincipalOutcome> {
    const session = this.active.get(token ?? '');
    if (session === undefined) return { kind: 'signed_out', reason: 'missing' };
    const person = { id: session.name, name: session.name, email: `${session.name}@example.test` };
    const memberships = Object.entries(session.workspaces).map(([id, roles]) => ({
      workspace: { id, name: id },
      roles,
    }));
    const principal = principalIn(token ?? '', person, memberships, workspaceId);
    return principal === null ? { kind: 'no_role', person, groups: [] } : { kind: 'principal', principal };
  }
}

/** One page's connection, and all it was sent. */
export class TestClient implements AsyncDisposable {
  readonly socket: Socket;
  readonly snapshots: SnapshotMessage[] = [];
  readonly deltas: DeltaMessage[] = [];
  readonly notices: NoticeMessage[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('snapshot', (message: SnapshotMessage) => this.snapshots.push(message));
    socket.on('delta', (message: DeltaMessage) => this.deltas.push(message));
    socket.on('notice', (message: NoticeMessage) => this.notices.push(message));
  }

  subscribe(id: string, topic: LiveTopic, over: object = {}): Promise<SubscribeAck> {
    return this.socket.timeout(5_000).emitWithAck('subscribe', { v: LIVE_PROTOCOL_VERSION, id, topic, ...over });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.disconnect();
  }
}

export interface LiveHarness extends AsyncDisposable {
  readonly url: string;
  readonly hot: HotStore;
  readonly log: EventLog;
  readonly write: HotWriterForTests;
  readonly sessions: Sessions;
  readonly gateway: LiveGateway;
  readonly metrics: MetricsRegistry;
  readonly faults: unknown[];
  /** Refusals as they were written to the program's log and to the audit trail. */
  readonly logged: readonly Readonly<Record<string, string>>[];
  readonly audited: readonly SocketAuditEntry[];
  connect(
    token: string,
    options?: { readonly workspace?: string; readonly origin?: string; readonly host?: string },
  ): Promise<TestClient>;
}

export const ADMIN = 'token-admin';
export const PRODUCT = 'token-product';
export const ANALYST = 'token-analyst';

/** The live gateway over real HTTP and sockets on a real embedded hot store. */
export async function startLive(
  options: { readonly recheckMs?: number; readonly nowMs?: () => number } = {},
): Promise<LiveHarness> {
  const { nowMs = Date.now } = options;
  const dir = await mkdtemp(join(tmpdir(), 'ebap-live-'));
  const hot = await openEmbeddedHotStore({ dir: join(dir, 'hot') });
  const log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
  for (const spec of topicSpecs('embedded')) await log.createTopic(spec);
  const sessions = new Sessions();
  sessions.active.set(ADMIN, { name: 'ada', workspaces: { meridian: ['admin'], acme: ['admin'] } });
  sessions.active.set(ANALYST, { name: 'anna', workspaces: { meridian: ['data_analyst'] } });
  sessions.active.set(PRODUCT, { name: 'priya', workspaces: { meridian: ['product_manager'] } });
  const reference = {
    regions: async () => [
      { code: 'eu-central-1', name: 'Frankfurt', lat: 50.1, lng: 8.7 },
      { code: 'us-east-1', name: 'Virginia', lat: 38.9, lng: -77.5 },
    ],
    currency: async () => 'EUR',
  };
  const deadLetters = new DeadLetterIndex({ log, open: () => null, nowMs });
  const pipeline = new PipelineReader({
    hot,
    log,
    deadLetters,
    nowMs,
    ingestRates: async () => ({ acceptedPerSecond: 0, rejectedPerSecond: 0 }),
  });
  const feeds = new Map<string, FeedReader>();
  const feedOf = (workspaceId: string): FeedReader => {
    const feed = feeds.get(workspaceId) ?? new FeedReader(hot, workspaceId, 4);
    feeds.set(workspaceId, feed);
    return feed;
  };
  const httpServer = createServer((_req, res) => res.writeHead(404).end());
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`;
  const metrics = new MetricsRegistry();
  const faults: unknown[] = [];
  const logged: Readonly<Record<string, string>>[] = [];
  const audited: SocketAuditEntry[] = [];
  const gateway = await startLiveGateway({
    httpServer,
    ports: { hot, reference, nowMs, pipeline, feedOf },
    sessions,
    sessionCookie: 'ebap-session',
    origins: [url],
    isOwnHost: (req) => req.headers.host === new URL(url).host,
    metrics,
    refusals: new SocketRefusals({
      metrics,
      nowMs: Date.now,
      log: (_level, _message, fields) => logged.push(fields),
      audit: async (entry) => void audited.push(entry),
      onFault: (error) => faults.push(error),
    }),
    onFault: (error) => faults.push(error),
    ...options,
  });
  return {
    url,
    hot,
    log,
    write: new HotWriterForTests(hot),
    sessions,
    gateway,
    metrics,
    faults,
    logged,
    audited,
    connect: async (token, { workspace = 'meridian', origin = url, host } = {}) => {
      const socket = io(url, {
        path: '/ws',
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        extraHeaders: {
          origin,
          ...(host !== undefined && { host }),
          cookie: `ebap-session=${token}; ebap-workspace=${workspace}`,
        },
      });
      const client = new TestClient(socket);
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('connect_error', reject);
      });
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      httpServer.closeAllConnections();
      await new Promise((resolve) => httpServer.close(resolve));
      await hot.close();
      await log.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
