import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe } from 'vitest';
import { describeChanges } from './changes.ts';
import { describeExpiry } from './expiry.ts';
import { describeFence } from './fence.ts';
import type { HotStoreFactory, HotStoreUnderTest } from './storeUnderTest.ts';
import { describeValues } from './values.ts';

export type { HotStoreFactory, HotStoreUnderTest } from './storeUnderTest.ts';

/** What every adapter of the port `HotStore` does. */
export function describeHotStore(name: string, factory: HotStoreFactory): void {
  describe(`HotStore: ${name}`, () => {
    let made: HotStoreUnderTest;
    let id: string;
    beforeEach(async () => {
      made = await factory();
      id = randomUUID();
    });
    afterEach(() => made.dispose());

    describeValues(() => ({ ...made, id }));
    describeExpiry(() => ({ ...made, id }));
    describeFence(() => ({ ...made, id }));
    describeChanges(() => ({ ...made, id }));
  });
}
