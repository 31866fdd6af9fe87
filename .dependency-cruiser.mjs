import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * Dependencies point inwards: apps -> adapters, db, ui -> pipeline.
 * TypeScript is read through the API of TypeScript 6 (npm name `typescript`); types are checked by the native compiler.
 */
const TESTS = String.raw`(\.test\.tsx?|/(conformance|testing|test-fixtures)/.*|\.conformance\.ts|[cC]onformance\.ts)$`;

/** The parts of the house, each with its package.json: `apps/web`, `packages/db`. */
const WORKSPACES = ['apps', 'packages'].flatMap((parent) =>
  readdirSync(new URL(parent, import.meta.url))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(new URL(`${folder}/package.json`, import.meta.url)))
    .map((folder) => ({ folder, manifest: manifestOf(folder) })),
);

function manifestOf(folder) {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8'));
}

/** Tools that every test may use: the root's development dependencies. */
const TEST_TOOLS = Object.keys(manifestOf('.').devDependencies).map((name) => `node_modules/${name}/`);

/** A workspace is imported by those alone whose package.json names it; tests may also use what is for development. */
const declaredWorkspaces = WORKSPACES.flatMap(({ folder, manifest }) => {
  const foldersOf = (dependencies = {}) =>
    WORKSPACES.filter((other) => other.manifest.name in dependencies).map((other) => `^${other.folder}/`);
  const used = [`^${folder}/`, ...foldersOf(manifest.dependencies), ...foldersOf(manifest.peerDependencies)];
  const rule = (name, from, pathNot) => ({
    name: `declared-workspaces-of-${manifest.name}${name}`,
    comment: 'Another part of the house that is imported stands in the package.json of the importer.',
    severity: 'error',
    from,
    to: { path: '^(apps|packages)/', pathNot },
  });
  return [
    rule('', { path: `^${folder}/`, pathNot: TESTS }, used),
    rule('-tests', { path: `^${folder}/.*${TESTS}` }, [...used, ...foldersOf(manifest.devDependencies)]),
  ];
});

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
      comment: 'adapters, db and ui know the pipeline, not each other; their tests run on real adapters.',
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
        pathNot: [
          String.raw`^[^/]+/[^/]+/src/index\.ts$`,
          String.raw`^[^/]+/[^/]+/src/[^/]+/index\.ts$`,
          String.raw`\.css$`,
          '^$1/',
        ],
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
      name: 'declared-dependencies-of-tests',
      comment:
        'Tests, tools and trials import what their package.json or the root declares, nothing that just lies there.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], pathNot: TEST_TOOLS },
    },
    ...declaredWorkspaces,
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
    exclude: { path: String.raw`(^|/)((\.next|generated|coverage|\.ebap(-cluster)?)/|next-env\.d\.ts$)` },
    builtInModules: { add: ['node:sqlite', 'node:test'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
    },
  },
};
