import { join } from 'node:path';

/** Where the parts of a cluster lie in its data folder. */
export interface ClusterPaths {
  readonly dataDir: string;
  /** Data, logs and passwords of the engines. */
  readonly engines: string;
  /** State of the platform's programs. */
  readonly product: string;
  /** Secrets of the platform's programs. */
  readonly secrets: string;
  /** Files of this run alone. */
  readonly run: string;
  /** Which engines' processes run. */
  readonly enginesFile: string;
  /** Which of the platform's programs run. */
  readonly servicesFile: string;
}

export function clusterPaths(dataDir: string): ClusterPaths {
  const run = join(dataDir, 'run');
  return {
    dataDir,
    engines: join(dataDir, 'engines'),
    product: join(dataDir, 'product'),
    secrets: join(dataDir, 'secrets'),
    run,
    enginesFile: join(run, 'engines.json'),
    servicesFile: join(run, 'services.json'),
  };
}
