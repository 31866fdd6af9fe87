import { inject } from 'vitest';
import type { ClusterAddresses } from '../../../../stack/cluster/addresses.ts';

export type { Credentials } from '../../../../stack/cluster/addresses.ts';

declare module 'vitest' {
  interface ProvidedContext {
    engines: ClusterAddresses;
  }
}

/**
 * Where the real engines listen that the project `cluster` tests against: call it inside a test or hook of a
 * `*.cluster.test.ts`. Each test makes names of its own in them.
 */
export function engines(): ClusterAddresses {
  return inject('engines');
}
