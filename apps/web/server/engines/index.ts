export { type GuardedStores, guardStores } from './breakers.ts';
export { registerEngineMetrics } from './engineMetrics.ts';
export type { EngineWatch } from './engineWatch.ts';
export { enginesView } from './outages.ts';
export { type OpenedWatch, watchEngines } from './watchEngines.ts';
