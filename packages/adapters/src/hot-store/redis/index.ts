export type { HostAndPort, RedisAddress } from './connection.ts';
export type { RedisStatus } from './link.ts';
export { openRedisHotStore, type RedisHotStore, type RedisHotStoreOptions } from './redisHotStore.ts';
