/** The hot store: adapters of the port `HotStore` and the suite they all pass. */
export { type EmbeddedHotStoreOptions, openEmbeddedHotStore } from './embedded/index.ts';
export {
  openRedisHotStore,
  type RedisAddress,
  type RedisHotStore,
  type RedisHotStoreOptions,
  type RedisStatus,
} from './redis/index.ts';
