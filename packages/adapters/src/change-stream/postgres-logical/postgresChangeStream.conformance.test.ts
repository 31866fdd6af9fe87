import { afterAll, beforeAll } from 'vitest';
import { startTestCluster, type TestCluster } from '../../postgres/testing/testCluster.ts';
import { describeChangeStream } from '../conformance.ts';
import { fixture } from './testing/fixture.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.stop());

describeChangeStream('PostgreSQL logical replication', () => fixture(cluster));
