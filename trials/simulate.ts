/** `node trials/simulate.ts [--seeds N] [--from SEED] [--mutants]`: seeded worlds against the oracle. */
import { parseArgs } from 'node:util';
import { judge } from './oracle/oracle.ts';
import { MUTANTS, type Mutant } from './sim/mutants.ts';
import { replayDifferences } from './sim/replay.ts';
import { RAW_EVENT_SCHEMA_ID } from './sim/workload.ts';
import { simulate, type World } from './sim/world.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    mutants: { type: 'boolean', default: false },
  },
});

interface Result {
  readonly differences: readonly string[];
  readonly produced: number;
  readonly world: World;
}

async function trial(seed: number, mutant: Mutant | null): Promise<Result> {
  const world = await simulate(seed, mutant);
  const verdict = await judge({
    partitions: world.partitions,
    rawSchemaId: RAW_EVENT_SCHEMA_ID,
    ignoreThroughMs: world.lostThroughMs,
    shownThroughMs: Number.MAX_SAFE_INTEGER,
    records: (topic, partition) => world.log.records(topic, partition),
    hashes: () => world.hot.keys().map((key) => [key, world.hot.hash(key)] as const),
  });
  const broken = world.faults.filter((f) => f.startsWith('group:')).map((f) => `fault: ${f}`);
  return {
    differences: [...verdict.differences, ...replayDifferences(world), ...broken],
    produced: verdict.produced,
    world,
  };
}

/** How many seeds a defect survives at most before the trials count as blind to it. */
const MUTANT_SEEDS = 60;

async function catchMutant(mutant: Mutant): Promise<boolean> {
  for (let seed = 1; seed <= MUTANT_SEEDS; seed++) {
    const { differences } = await trial(seed, mutant);
    if (differences.length === 0) continue;
    console.log(`mutant ${mutant}: caught by seed ${seed}: ${differences[0]}`);
    return true;
  }
  console.log(`mutant ${mutant}: NOT caught by ${MUTANT_SEEDS} seeds`);
  return false;
}

let passed = 0;
let failed = 0;
const sums = { produced: 0, kills: 0, effects: 0, commits: 0 };
const startedMs = Date.now();
const from = Number(values.from);
for (let seed = from; seed < from + Number(values.seeds); seed++) {
  const { differences, produced, world } = await trial(seed, null);
  sums.produced += produced;
  sums.kills += world.kills;
  sums.effects += world.effects;
  sums.commits += world.commits;
  if (differences.length === 0) passed++;
  else {
    failed++;
    console.log(
      `seed ${seed} FAILED (again: node trials/simulate.ts --from ${seed} --seeds 1)\n  ${differences.slice(0, 8).join('\n  ')}`,
    );
    console.log(`  faults: ${world.faults.slice(-5).join(' | ')}`);
  }
  if ((seed - from + 1) % 50 === 0)
    console.log(`${seed - from + 1} seeds, ${Math.round((Date.now() - startedMs) / 1000)} s`);
}
if (values.mutants) for (const mutant of MUTANTS) (await catchMutant(mutant)) ? passed++ : failed++;
console.log(
  JSON.stringify({
    trial: 'simulation',
    seeds: Number(values.seeds),
    from,
    ...sums,
    seconds: Math.round((Date.now() - startedMs) / 1000),
  }),
);
console.log(`simulation: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
