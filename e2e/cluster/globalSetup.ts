import { handedOver, handOver } from '../platform/handOver.ts';
import { startClusterPlatform } from './clusterPlatform.ts';

/** Starts the product on its engines for all journeys of this folder; the returned function stops it. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  if (handedOver() !== null) return async () => {};
  const platform = await startClusterPlatform();
  handOver(platform);
  return () => platform.stop();
}
