import { rmSync } from 'node:fs';
import { AppError } from '@ebap/pipeline/errors';
import { checkDiskSpace, checkWritable } from '../../start/checks.ts';
import { closeDataFolder } from '../../start/dataFolder.ts';
import { endLeftovers, recordServices } from '../../start/leftovers.ts';
import { type DataLock, livingHolder, lockDataDir } from '../../start/lock.ts';
import { ensurePrivateFolder } from '../../start/secrets.ts';
import { type ServiceSpec, Supervisor } from '../../supervisor/index.ts';
import { type Paint, renderLogLine, type Terminal } from '../../terminal/index.ts';
import type { ClusterAddresses } from '../addresses.ts';
import { LocalCluster } from '../localCluster.ts';
import { isPortFree } from '../ports.ts';
import type { ClusterSettings } from '../settings.ts';
import { clusterBanner } from './banner.ts';
import type { RunningCommand } from './command.ts';
import { EngineKeeper } from './engineKeeper.ts';
import { type ClusterPaths, clusterPaths } from './paths.ts';

/** A program of the platform that runs on the engines. */
export interface ProductService {
  /** What a person calls it. */
  readonly label: string;
  readonly spec: ServiceSpec;
}

/** The product on the engines. */
export interface ProductOnCluster {
  /** Before anything starts. @throws AppError `configuration` when something would keep the product from running */
  check(): Promise<void>;
  /** Prepares what runs on the engines, in the order of its start; called when they answer. */
  services(addresses: ClusterAddresses): Promise<readonly ProductService[]>;
  /** What a person needs when all of it runs. */
  welcome(): string;
}

export interface ClusterStartOptions {
  readonly settings: ClusterSettings;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly paint: Paint;
  readonly product: ProductOnCluster;
}

/** `npm run cluster`: brings up the engines and what runs on them, and down in the other order. */
export class ClusterStart implements RunningCommand {
  readonly stopped: Promise<void>;
  readonly #options: ClusterStartOptions;
  readonly #paths: ClusterPaths;
  readonly #cluster: LocalCluster;
  readonly #keeper: EngineKeeper;
  readonly #supervisor: Supervisor;
  readonly #markStopped: () => void;
  #lock: DataLock | undefined;
  #stopping: Promise<void> | undefined;

  /** @throws AppError `configuration` when no Java is new enough */
  constructor(options: ClusterStartOptions) {
    const { settings, env, terminal, paint } = options;
    this.#options = options;
    this.#paths = clusterPaths(settings.dataDir);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.stopped = promise;
    this.#markStopped = resolve;
    this.#cluster = new LocalCluster({
      dataDir: this.#paths.engines,
      cacheDir: settings.cacheDir,
      ports: settings.ports,
      env,
      log: {
        step: terminal.step.bind(terminal),
        progress: (text) => terminal.line(paint('dim', text)),
        processes: () => this.#recordEngines(),
      },
    });
    this.#keeper = new EngineKeeper(
      ({ name }, message) => terminal.serviceLine(name, 'blue', paint('yellow', message)),
      () => this.#recordEngines(),
    );
    this.#supervisor = new Supervisor({
      output: (name, line) => terminal.serviceLine(name, 'cyan', renderLogLine(line, paint)),
      event: (name, message) => terminal.serviceLine(name, 'cyan', paint('yellow', message)),
      started: (pids) => recordServices(this.#paths.servicesFile, pids),
    });
  }

  async run(): Promise<void> {
    const { settings, terminal, paint, product } = this.#options;
    try {
      await this.#prepare();
      await this.#cluster.start();
      for (const engine of this.#cluster.engines) this.#keeper.keep(engine);
      for (const { label, spec } of await product.services(this.#cluster.addresses)) {
        await terminal.step(label, () => this.#supervisor.start(spec));
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
    terminal.line(`\n${product.welcome()}\n${clusterBanner(settings, this.#paths, paint)}`);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  kill(): void {
    this.#keeper.release();
    this.#supervisor.killAll();
    void this.#cluster.kill();
    this.#lock?.release();
  }

  async #prepare(): Promise<void> {
    const { settings, terminal, paint } = this.#options;
    await checkWritable(settings.dataDir);
    refuseSecondStart(settings.dataDir);
    this.#lock = lockDataDir(settings.dataDir, `Kafka on 127.0.0.1:${settings.ports.kafka}`);
    const rights = await closeDataFolder(settings.dataDir);
    if (rights !== null) terminal.line(paint('dim', rights));
    await checkDiskSpace(settings.dataDir);
    ensurePrivateFolder(this.#paths.run);
    if (this.#lock.tookOver) terminal.line(paint('dim', 'An earlier start ended without stopping; going on from it.'));
    for (const file of [this.#paths.servicesFile, this.#paths.enginesFile]) {
      const ended = await endLeftovers(file);
      if (ended.length > 0) terminal.line(paint('dim', `Ended what it left: ${ended.join(', ')}.`));
    }
    await checkPorts(settings);
    await this.#options.product.check();
  }

  async #stopInOrder(): Promise<void> {
    const { terminal } = this.#options;
    this.#keeper.release();
    const work = async () => {
      await this.#supervisor.stopAll();
      await this.#cluster.stop();
    };
    if (this.#cluster.pids().size > 0) await terminal.step('Stopped', work);
    else await work();
    if (this.#lock !== undefined) {
      for (const file of [this.#paths.servicesFile, this.#paths.enginesFile]) rmSync(file, { force: true });
      this.#lock.release();
    }
    this.#markStopped();
  }

  /** Not without the lock: the file is that of the cluster that runs. */
  #recordEngines(): void {
    if (this.#lock !== undefined) recordServices(this.#paths.enginesFile, this.#cluster.pids());
  }
}

/** Before the lock, which knows only what to do about a second `npm start`. */
function refuseSecondStart(dataDir: string): void {
  const holder = livingHolder(dataDir);
  if (holder === undefined) return;
  throw new AppError(
    'conflict',
    `A cluster is already running on ${dataDir}: process ${holder.pid}, ${holder.url}.\n` +
      'Stop it with Ctrl-C in its terminal or with npm run cluster -- stop, ' +
      'or start a second one with EBAP_DATA_DIR, EBAP_PORT and EBAP_CLUSTER_PORT_OFFSET of its own.',
    { context: { pid: holder.pid } },
  );
}

async function checkPorts({ ports }: ClusterSettings): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    if (await isPortFree(port)) continue;
    throw new AppError(
      'configuration',
      `Port ${port} (${name}) on 127.0.0.1 is taken by another program. ` +
        'Stop that one, or move all ports of the cluster, for example EBAP_CLUSTER_PORT_OFFSET=100 npm run cluster',
    );
  }
}
