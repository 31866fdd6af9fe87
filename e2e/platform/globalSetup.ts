import { handedOver, handOver } from './handOver.ts';
import { startPlatform } from './platform.ts';

/** Starts the platform that all journeys use; the returned function stops it. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  if (handedOver() !== null) return async () => {};
  const platform = await startPlatform();
  handOver(platform);
  return () => platform.stop();
}
