import { EnvironmentReader } from '@ebap/adapters/settings';
import type { TestProject } from 'vitest/node';
import type { ClusterLog } from './localCluster.ts';
import { makeThrowawayCluster } from './throwawayCluster.ts';

/**
 * Gives the tests of the project `cluster` the engines' addresses: those of running engines when
 * `EBAP_TEST_ENGINES` (or `EBAP_TEST_ENGINES_FILE`) holds them as JSON, else those of engines started for this run.
 * @returns what ends those engines and removes their data
 */
export default async function provideEngines(project: TestProject): Promise<() => Promise<void>> {
  const read = new EnvironmentReader(process.env);
  const given = read.secret('EBAP_TEST_ENGINES');
  read.assertSound();
  if (given !== undefined) {
    project.provide('engines', JSON.parse(given));
    return async () => {};
  }
  const { cluster, remove, abandon } = await makeThrowawayCluster(process.env, PLAIN_LOG);
  // A run that is interrupted exits without calling what is returned here.
  process.once('exit', abandon);
  const end = async () => {
    await remove();
    process.removeListener('exit', abandon);
  };
  try {
    await cluster.start();
  } catch (error) {
    await end();
    throw error;
  }
  project.provide('engines', cluster.addresses);
  return end;
}

/** One line per engine, among the lines of the test run. */
const PLAIN_LOG: ClusterLog = {
  async step(label, work) {
    const startedMs = performance.now();
    const result = await work();
    console.log(`${label}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
    return result;
  },
};
