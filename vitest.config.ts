import { configDefaults, defineConfig } from 'vitest/config';

const excluded = [...configDefaults.exclude, '**/.next/**', '**/generated/**', 'e2e/**'];

/** What only real engines can show: covered by the project `cluster`, and measured in its run. */
const CLUSTER_ADAPTERS = [
  'event-log/kafka',
  'hot-store/redis',
  'change-stream/debezium',
  'schema-registry/confluent',
].map((folder) => `packages/adapters/src/${folder}/**/*.ts`);
const isClusterRun = process.argv.includes('cluster');

/**
 * Three projects: `unit` (pure code and its properties), `conformance` (a port's suite against an embedded adapter, a
 * real database or real child processes) and `cluster` (the same suites against the engines of the cluster profile).
 * Coverage is enforced for the packages: of the cluster's adapters in the run of `cluster`, of all others in the other.
 */
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages,apps}/**/*.test.{ts,tsx}', '{stack,trials,bench}/**/*.test.ts'],
          exclude: [...excluded, '**/*.conformance.test.ts', '**/*.cluster.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'conformance',
          include: ['{packages,apps,stack}/**/*.conformance.test.ts'],
          exclude: excluded,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['{packages,apps,stack}/**/*.cluster.test.ts'],
          exclude: excluded,
          globalSetup: ['stack/cluster/testEngines.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    coverage: {
      provider: 'v8',
      include: isClusterRun ? CLUSTER_ADAPTERS : ['packages/*/src/**/*.{ts,tsx}'],
      exclude: [
        ...(isClusterRun ? [] : [...CLUSTER_ADAPTERS, 'packages/adapters/src/profile/**']),
        '**/*.test.{ts,tsx}',
        '**/generated/**',
        '**/index.ts',
        '**/*[cC]onformance*.ts',
        '**/conformance/**',
        '**/testing/**',
        '**/*.d.ts',
      ],
      reporter: ['text-summary', 'json-summary', 'html'],
      reportsDirectory: isClusterRun ? 'coverage/cluster' : 'coverage',
      // On real engines some branches are races that a run may or may not see.
      thresholds: { statements: 80, branches: isClusterRun ? 75 : 80, functions: 80, lines: 80 },
    },
  },
});
