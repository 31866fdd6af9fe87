/**
 * Dependencies point inwards: apps -> adapters, lakehouse, db, ui -> pipeline.
 * TypeScript is read through the API of TypeScript 6 (npm name `typescript`); types are checked by the native compiler.
 */
const TESTS = String.raw`(\.test\.tsx?|/(conformance|testing|test-fixtures)/.*|\.conformance\.ts|[cC]onformance\.ts)$`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'pipeline-stands-alone',
      comment: 'The pipeline is the heart: it depends on no other part of the platform.',
      severity: 'error',
      from: { path: '^packages/pipeline/' },
      to: { path: '^(apps|packages|stack|trials|bench|e2e)/', pathNot: '^packages/pipeline/' },
    },
    {
      name: 'pipeline-does-no-io',
      comment:
        'The pipeline may hash, compress and handle bytes; everything else of Node is I/O and belongs in an adapter.',
      severity: 'error',
      from: { path: '^packages/pipeline/', pathNot: TESTS },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|zlib)$' },
    },
    {
      name: 'pipeline-uses-no-library-but-zod',
      severity: 'error',
      from: { path: '^packages/pipeline/', pathNot: TESTS },
      to: { path: 'node_modules', pathNot: 'node_modules/zod/' },
    },
    {
      name: 'packages-depend-inwards',
      comment: 'adapters, lakehouse, db and ui know the pipeline, not each other; their tests run on real adapters.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/', pathNot: TESTS },
      to: { path: '^(apps|packages|stack|trials|bench|e2e)/', pathNot: '^packages/($1|pipeline)/' },
    },
    {
      name: 'apps-do-not-import-apps',
      comment: 'Apps meet in the log and the stores, never in an import; web least of all imports stream-worker.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^(apps|stack|trials|bench|e2e)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'through-the-index',
      comment: "A folder's index lists what outsiders may use; nothing reaches past it into another package.",
      severity: 'error',
      from: { path: '^((?:apps|packages)/[^/]+|stack|trials|bench|e2e)/' },
      to: {
        path: '^(?:apps|packages)/[^/]+/src/',
        pathNot: [String.raw`/index\.tsx?$`, String.raw`\.css$`, '^$1/'],
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'declared-dependencies',
      comment: 'A package that is imported stands in the package.json of the importer.',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: [TESTS, String.raw`\.config\.ts$`] },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      // A module of types alone has nothing to resolve at run time.
      to: { couldNotResolve: true, pathNot: '^next-auth/adapters$' },
    },
  ],
  options: {
    parser: 'tsc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: String.raw`(^|/)((\.next|generated|coverage|\.ebap)/|next-env\.d\.ts$)` },
    builtInModules: { add: ['node:sqlite', 'node:test'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
    },
  },
};
