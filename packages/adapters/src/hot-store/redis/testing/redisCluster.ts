import { Redis } from 'ioredis';
import { vi } from 'vitest';
import { type RedisServer, startRedisServer } from './redisServer.ts';

/** A Redis Cluster of one test: three masters, and a replica of the first if asked for. */
export interface TestRedisCluster {
  readonly masters: readonly RedisServer[];
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  dispose(): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;
const CONFIG = ['cluster-enabled yes', 'cluster-config-file nodes.conf', 'cluster-node-timeout 2000'];

/** Starts the processes, gives out the slots and waits until all nodes agree. */
export async function startRedisCluster({ hasReplica = false } = {}): Promise<TestRedisCluster> {
  const servers: RedisServer[] = [];
  const dispose = async (): Promise<void> => void (await Promise.all(servers.map((server) => server.dispose())));
  try {
    for (let i = 0; i < MASTERS + Number(hasReplica); i += 1) servers.push(await startRedisServer({ config: CONFIG }));
    const clients = servers.map(({ port }) => new Redis({ port, host: '127.0.0.1' }));
    await join(clients, servers);
    for (const client of clients) client.disconnect();
  } catch (error) {
    await dispose();
    throw error;
  }
  const nodes = servers.map(({ port }) => ({ host: '127.0.0.1', port }));
  return { masters: servers.slice(0, MASTERS), nodes, dispose };
}

async function join(clients: readonly Redis[], servers: readonly RedisServer[]): Promise<void> {
  const [first, ...others] = clients;
  if (first === undefined) throw new Error('a cluster has nodes');
  for (const [i, client] of clients.slice(0, MASTERS).entries()) {
    const from = Math.floor((i * SLOTS) / MASTERS);
    const to = Math.floor(((i + 1) * SLOTS) / MASTERS) - 1;
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', `${i + 1}`);
    await client.call('CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${to}`);
  }
  for (const server of servers.slice(1)) await first.call('CLUSTER', 'MEET', '127.0.0.1', `${server.port}`);
  await eventually(async () => {
    const infos = await Promise.all(clients.map((client) => client.cluster('INFO')));
    return infos.every((info) => info.includes(`cluster_known_nodes:${clients.length}`));
  });
  const replica = others[MASTERS - 1];
  if (replica !== undefined) {
    const id = await first.cluster('MYID');
    await eventually(async () => (await replica.call('CLUSTER', 'REPLICATE', String(id))) === 'OK');
    await eventually(async () => (await replica.info('replication')).includes('master_link_status:up'));
  }
  await eventually(async () => {
    const infos = await Promise.all(clients.map((client) => client.cluster('INFO')));
    return infos.every((info) => info.includes('cluster_state:ok'));
  });
}

const eventually = (condition: () => Promise<boolean>) =>
  vi.waitUntil(() => condition().catch(() => false), { timeout: 30_000, interval: 50 });
