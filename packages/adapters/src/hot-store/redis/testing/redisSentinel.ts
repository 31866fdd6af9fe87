import { Redis } from 'ioredis';
import { vi } from 'vitest';
import { freePort, type RedisServer, startRedisServer } from './redisServer.ts';

/** A master with one replica, watched by one Sentinel. */
export interface TestSentinel {
  readonly name: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  dispose(): Promise<void>;
}

const NAME = 'ebap-test';

/** Starts the three processes and waits until the Sentinel knows the replica. */
export async function startSentinel(): Promise<TestSentinel> {
  const servers: RedisServer[] = [];
  const started = async (server: Promise<RedisServer>): Promise<RedisServer> => {
    servers.push(await server);
    return server;
  };
  const dispose = async (): Promise<void> => void (await Promise.all(servers.map((server) => server.dispose())));
  try {
    const master = await started(startRedisServer());
    const replica = await started(startRedisServer({ config: [`replicaof 127.0.0.1 ${master.port}`] }));
    const watch = [
      `sentinel monitor ${NAME} 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds ${NAME} 1000`,
      `sentinel failover-timeout ${NAME} 5000`,
    ];
    const sentinel = await started(startRedisServer({ sentinel: true, config: watch, port: await freePort() }));
    await waitForReplica(sentinel.port);
    return { name: NAME, master, replica, sentinels: [{ host: '127.0.0.1', port: sentinel.port }], dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function waitForReplica(sentinelPort: number): Promise<void> {
  const client = new Redis({ port: sentinelPort, host: '127.0.0.1' });
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
