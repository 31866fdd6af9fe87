import type { TestProject } from 'vitest/node';

/** Gives the tests of the project `cluster` the engines' addresses. */
export default function provideEngines(project: TestProject): void {
  const addresses = process.env.EBAP_TEST_ENGINES;
  if (addresses === undefined) throw new Error('EBAP_TEST_ENGINES must hold the addresses of running engines as JSON.');
  project.provide('engines', JSON.parse(addresses));
}
