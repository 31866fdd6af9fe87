import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLog, HotStore } from '@ebap/pipeline/ports';
import { Platform } from '../../trials/cluster/platform.ts';
import type { StageContext } from './stage.ts';

/** A running platform of a stage's own, looked at by clients of this process. */
export interface Product {
  readonly platform: Platform;
  readonly log: EventLog;
  readonly hot: HotStore;
  /** Id of the raw event schema. */
  readonly schemaId: number;
  /** Processes of engines, web app and the workers that run now. */
  pids(): ReadonlyMap<string, number>;
}

/** Starts engines, web app and so many workers; they end, and their data goes, with the stage. */
export async function startProduct(context: StageContext, workers: number): Promise<Product> {
  const { root, ending, note, keep } = context;
  const dir = await mkdtemp(join(tmpdir(), 'ebap-cluster-bench-'));
  ending.add(() => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  const platform = await Platform.make(root, dir, note);
  const endAtOnce = (): void => void platform.end();
  process.once('exit', endAtOnce);
  ending.add(async (failed) => {
    await platform.stopProduct().catch(() => platform.end());
    await platform.cluster.stop();
    process.off('exit', endAtOnce);
    if (failed) await keep(platform.logsDir);
  });
  await platform.start(workers);
  const stores = await platform.openStores();
  ending.add(async () => {
    await stores.hot.close();
    await stores.log.close();
  });
  return { platform, ...stores, schemaId: await platform.rawSchemaId(), pids: () => pidsOf(platform) };
}

function pidsOf(platform: Platform): ReadonlyMap<string, number> {
  const product = [platform.web, ...platform.workers].flatMap(({ name, pid }) =>
    pid === undefined ? [] : [[name, pid] as const],
  );
  return new Map([...platform.cluster.pids(), ...product]);
}

/** Programs of the product that ended without having been told to, as failures. */
export function unexpectedEnds({ web, workers }: Platform): readonly string[] {
  return [web, ...workers].flatMap((one) => (one.unexpectedEnds === 0 ? [] : [`${one.name} ended by itself`]));
}
