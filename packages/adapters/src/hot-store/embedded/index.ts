export { type EmbeddedHotStoreOptions, openEmbeddedHotStore } from './embeddedHotStore.ts';
