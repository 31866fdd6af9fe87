import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openKafkaEventLog } from '@ebap/adapters/event-log';
import { openRedisHotStore } from '@ebap/adapters/hot-store';
import { openConfluentSchemaRegistry } from '@ebap/adapters/schema-registry';
import { TOPICS } from '@ebap/pipeline/contracts';
import { AppError } from '@ebap/pipeline/errors';
import type { EventLog, HotStore } from '@ebap/pipeline/ports';
import { clusterPaths } from '../../stack/cluster/cli/paths.ts';
import { LocalCluster } from '../../stack/cluster/localCluster.ts';
import { freeClusterPorts, freePortsInARow } from '../../stack/cluster/ports.ts';
import { productServices } from '../../stack/cluster/product/services.ts';
import { engineCacheDir } from '../../stack/cluster/settings.ts';
import { buildWeb } from '../../stack/start/webBuild.ts';
import { httpProbe, type ServiceSpec } from '../../stack/supervisor/index.ts';
import { ProductProcess } from './productProcess.ts';

export const MOST_WORKERS = 4;
const READY_WITHIN_MS = 180_000;
/** Web, its internal port, and the workers' internal ports after one more. */
const PORTS = 3 + MOST_WORKERS;

/** The product on engines of its own: everything lies in one folder, on free ports, and ends with this process. */
export class Platform {
  readonly cluster: LocalCluster;
  readonly #root: string;
  readonly #dir: string;
  readonly #note: (text: string) => void;
  #web: ProductProcess | undefined;
  #workers: readonly ProductProcess[] = [];
  #port = 0;

  private constructor(root: string, dir: string, cluster: LocalCluster, note: (text: string) => void) {
    this.#root = root;
    this.#dir = dir;
    this.cluster = cluster;
    this.#note = note;
  }

  /** @param dir a folder of its own; others must be able to enter it (databases run as another user for root) */
  static async make(root: string, dir: string, note: (text: string) => void): Promise<Platform> {
    const sharedDir = join(dir, 'databases');
    mkdirSync(sharedDir);
    for (const folder of [dir, sharedDir]) chmodSync(folder, 0o755);
    mkdirSync(join(dir, 'logs'));
    const cluster = new LocalCluster({
      dataDir: clusterPaths(join(dir, 'data')).engines,
      sharedDir,
      cacheDir: engineCacheDir(process.env),
      ports: await freeClusterPorts(),
      env: process.env,
      log: {
        async step(label, work) {
          const startedMs = performance.now();
          const result = await work();
          note(`${label}: ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
          return result;
        },
      },
    });
    return new Platform(root, dir, cluster, note);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get keyFile(): string {
    return join(clusterPaths(join(this.#dir, 'data')).secrets, 'demo-api-key');
  }

  /** Health and metrics of a worker, by its number from 1. */
  workerUrl(number: number): string {
    return `http://127.0.0.1:${this.#port + 2 + number}`;
  }

  get logsDir(): string {
    return join(this.#dir, 'logs');
  }

  get enginesDir(): string {
    return clusterPaths(join(this.#dir, 'data')).engines;
  }

  get web(): ProductProcess {
    if (this.#web === undefined) throw new AppError('conflict', 'The platform was not started.');
    return this.#web;
  }

  /** All that there may be; those that are wanted run. */
  get workers(): readonly ProductProcess[] {
    return this.#workers;
  }

  /** Starts engines, web app and the first `workers` workers; resolves when they are ready. */
  async start(workers: number): Promise<void> {
    await this.cluster.start();
    this.#port = await freePortsInARow(PORTS);
    const env = { ...process.env, EBAP_PORT: String(this.#port), EBAP_SIMULATOR: 'off' };
    const dataDir = join(this.#dir, 'data');
    const services = await productServices({ root: this.#root, dataDir, env }, this.cluster.addresses);
    const spec = (name: string): ServiceSpec => {
      const found = services.find((service) => service.spec.name === name);
      if (found === undefined) throw new AppError('not_found', `The product has no ${name}.`);
      return found.spec;
    };
    if (!existsSync(join(this.#root, 'apps/web/.next/BUILD_ID')))
      await buildWeb(this.#root, process.env, new AbortController().signal);
    this.#workers = Array.from({ length: MOST_WORKERS }, (_, n) => this.#worker(spec('worker'), n + 1));
    this.#web = new ProductProcess(spec('web'), join(this.logsDir, 'web.log'));
    // In this order, as the product starts: the topics are there when the web app comes.
    for (const worker of this.#workers.slice(0, workers)) worker.start();
    await Promise.all(this.#workers.slice(0, workers).map((worker) => worker.untilReady(READY_WITHIN_MS)));
    this.#note('workers ready');
    this.#web.start();
    await this.#web.untilReady(READY_WITHIN_MS);
    this.#note('web ready');
  }

  /** Clients of this process's own, that look at the engines beside the product. */
  async openStores(): Promise<{ readonly log: EventLog; readonly hot: HotStore }> {
    const { kafka, redisUrl } = this.cluster.addresses;
    const log = await openKafkaEventLog({ brokers: kafka.brokers, clientId: 'fault-trials' });
    const hot = await openRedisHotStore({ address: { mode: 'single', url: redisUrl }, logger: { log: () => {} } });
    return { log, hot };
  }

  /** The id under which the event schema is registered. */
  async rawSchemaId(): Promise<number> {
    const registry = openConfluentSchemaRegistry({ url: this.cluster.addresses.registryUrl });
    const latest = await registry.latest(`${TOPICS.eventsRaw}-value`);
    if (latest === null) throw new AppError('not_found', 'The event schema is not registered.');
    return latest.id;
  }

  /** Ends the product's programs in order; the engines go on. */
  async stopProduct(): Promise<void> {
    await this.#web?.stop();
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  /** Ends everything at once. */
  async end(): Promise<void> {
    this.#web?.end();
    for (const worker of this.#workers) worker.end();
    await this.cluster.kill();
  }

  #worker(spec: ServiceSpec, number: number): ProductProcess {
    const url = this.workerUrl(number);
    const name = `worker-${number}`;
    return new ProductProcess(
      {
        ...spec,
        name,
        env: { ...spec.env, EBAP_WORKER_INTERNAL_PORT: new URL(url).port },
        ready: httpProbe(`${url}/readyz`),
      },
      join(this.logsDir, `${name}.log`),
    );
  }
}
