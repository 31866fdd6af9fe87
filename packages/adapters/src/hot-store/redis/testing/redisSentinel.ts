import { Redis } from 'ioredis';
import { vi } from 'vitest';
import { freePort, type RedisServer, type ServerAccess, startRedisServer } from './redisServer.ts';

/** A master with one replica, watched by one Sentinel. */
export interface TestSentinel {
  readonly name: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  dispose(): Promise<void>;
}

/** What keeps strangers out of the three processes, as directives beside those that each needs anyway. */
export interface SentinelGuard {
  /** Of master and replica. */
  readonly server: readonly string[];
  readonly sentinel: (masterName: string) => readonly string[];
  /** How the fixture itself signs in to all three. */
  readonly access: ServerAccess;
}

const NAME = 'ebap-test';
const UNGUARDED: SentinelGuard = { server: [], sentinel: () => [], access: {} };

/** Starts the three processes and waits until the Sentinel knows the replica. */
export async function startSentinel({ server, sentinel, access }: SentinelGuard = UNGUARDED): Promise<TestSentinel> {
  const servers: RedisServer[] = [];
  const start = async (isSentinel: boolean, config: readonly string[]): Promise<RedisServer> => {
    const port = await freePort();
    const tlsPort = access.tls === undefined ? [] : [`tls-port ${port}`];
    const one = await startRedisServer({ port, sentinel: isSentinel, config: [...tlsPort, ...config], access });
    servers.push(one);
    return one;
  };
  const dispose = async (): Promise<void> => void (await Promise.all(servers.map((one) => one.dispose())));
  try {
    const master = await start(false, server);
    const replica = await start(false, [...server, `replicaof 127.0.0.1 ${master.port}`]);
    const watcher = await start(true, [
      `sentinel monitor ${NAME} 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds ${NAME} 1000`,
      `sentinel failover-timeout ${NAME} 5000`,
      ...sentinel(NAME),
    ]);
    await waitForReplica({ port: watcher.port, ...access });
    return { name: NAME, master, replica, sentinels: [{ host: '127.0.0.1', port: watcher.port }], dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function waitForReplica(sentinel: ServerAccess & { readonly port: number }): Promise<void> {
  const client = new Redis({ host: '127.0.0.1', ...sentinel });
  try {
    await vi.waitUntil(
      async () => {
        const replicas = await client.call('SENTINEL', 'REPLICAS', NAME).catch(() => null);
        return JSON.stringify(replicas)?.includes('"master-link-status","ok"') ?? false;
      },
      { timeout: 30_000, interval: 100 },
    );
  } finally {
    client.disconnect();
  }
}
