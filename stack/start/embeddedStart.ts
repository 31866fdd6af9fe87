import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureDataUse } from '@ebap/adapters/data-folder';
import { locateHome } from '@ebap/adapters/embedded-postgres';
import { loadSettings, type Settings } from '@ebap/adapters/settings';
import { AppError } from '@ebap/pipeline/errors';
import { type ServiceSpec, Supervisor } from '../supervisor/index.ts';
import { type Colour, type Paint, renderLogLine, type Terminal } from '../terminal/index.ts';
import { banner, type StorageUse } from './banner.ts';
import { checkDiskSpace, checkPortFree, checkWritable, freePort } from './checks.ts';
import { prepareDatabase } from './database.ts';
import { closeDataFolder } from './dataFolder.ts';
import { endLeftovers, recordServices } from './leftovers.ts';
import { type DataLock, lockDataDir } from './lock.ts';
import { ensurePrivateFolder, ensureSecrets } from './secrets.ts';
import {
  ENTRY,
  type Paths,
  pathsOf,
  postgresService,
  simulatorService,
  webService,
  workerService,
} from './services.ts';
import { buildWeb, isWebBuilt } from './webBuild.ts';

export interface EmbeddedStartOptions {
  readonly root: string;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly paint: Paint;
}

const COLOURS: Readonly<Record<string, Colour>> = {
  postgres: 'blue',
  worker: 'magenta',
  web: 'cyan',
  simulator: 'green',
};

/** One run of the platform on this machine: brings everything up in order, and down in the other order. */
export class EmbeddedStart {
  /** Settles when everything has stopped. */
  readonly stopped: Promise<void>;
  readonly #options: EmbeddedStartOptions;
  readonly #paths: Paths;
  readonly #supervisor: Supervisor;
  readonly #abort = new AbortController();
  readonly #markStopped: () => void;
  #lock: DataLock | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: EmbeddedStartOptions) {
    this.#options = options;
    this.#paths = pathsOf(options.root, options.settings);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.stopped = promise;
    this.#markStopped = resolve;
    const { terminal, paint } = options;
    this.#supervisor = new Supervisor({
      output: (name, line) => terminal.serviceLine(name, COLOURS[name] ?? 'dim', renderLogLine(line, paint)),
      event: (name, message) => terminal.serviceLine(name, COLOURS[name] ?? 'dim', paint('yellow', message)),
      started: (pids) => recordServices(this.#paths.servicesFile, pids),
    });
  }

  /**
   * Resolves when people can sign in. When it fails, what was started is stopped first.
   * @throws AppError with what to do about it; `cancelled` when stopped meanwhile
   */
  async run(): Promise<void> {
    try {
      await this.#prepare();
      await this.#startServices();
    } catch (error) {
      await this.stop();
      throw error;
    }
    const { settings, terminal, paint } = this.#options;
    terminal.line(`\n${banner(settings, this.#demoAccess(), await this.#storageUse(), paint)}`);
  }

  /** Stops everything in order; may be called again. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  /** Ends everything at once. */
  kill(): void {
    this.#abort.abort();
    this.#supervisor.killAll();
    this.#lock?.release();
  }

  async #prepare(): Promise<void> {
    const { root, settings, terminal, paint } = this.#options;
    if (settings.profile !== 'embedded') {
      throw new AppError('configuration', `npm start runs the embedded profile, not EBAP_PROFILE=${settings.profile}.`);
    }
    for (const entry of Object.values(ENTRY)) {
      if (!existsSync(join(root, entry))) throw new AppError('configuration', `${entry} is missing in this checkout.`);
    }
    await checkWritable(settings.dataDir);
    const rights = await closeDataFolder(settings.dataDir);
    if (rights !== null) terminal.line(paint('dim', rights));
    await checkDiskSpace(settings.dataDir);
    const databaseDir = await locateHome(join(settings.dataDir, 'postgres'));
    if (databaseDir !== null && existsSync(databaseDir)) await checkDiskSpace(databaseDir);
    this.#lock = lockDataDir(settings.dataDir, settings.publicUrl);
    ensurePrivateFolder(this.#paths.run);
    if (this.#lock.tookOver) terminal.line(paint('dim', 'An earlier start ended without stopping; going on from it.'));
    const ended = await endLeftovers(this.#paths.servicesFile);
    if (ended.length > 0) terminal.line(paint('dim', `Ended what it left: ${ended.join(', ')}.`));
    await checkPortFree(settings.host, settings.port, 'EBAP_PORT');
    await checkPortFree('127.0.0.1', settings.internalPort, 'EBAP_INTERNAL_PORT');
    await checkPortFree('127.0.0.1', settings.workerInternalPort, 'EBAP_WORKER_INTERNAL_PORT');
  }

  async #startServices(): Promise<void> {
    const { settings, terminal, env } = this.#options;
    await Promise.all([this.#database(), this.#webBundle()]);
    await Promise.all([
      this.#startService('Stream worker', workerService(this.#paths, settings, env)),
      this.#startService('Web app', webService(this.#paths, settings, env)),
    ]);
    if (settings.simulatorEventsPerSecond === 0) return;
    if (settings.demoKeyEnabled) await this.#startService('Simulator', simulatorService(this.#paths, settings, env));
    else terminal.line('The simulator stays off: it sends with the demo key, and EBAP_DEMO_API_KEY=off.');
  }

  async #database(): Promise<void> {
    const { settings, env, terminal } = this.#options;
    const given = settings.secrets.databaseUrl;
    if (given === undefined) {
      await this.#startService('PostgreSQL', postgresService(this.#paths, settings, await freePort(), env));
    } else {
      rmSync(this.#paths.databaseUrlFile, { force: true });
      writeFileSync(this.#paths.databaseUrlFile, given, { mode: 0o600 });
    }
    const work = () => prepareDatabase(this.#paths.databaseUrlFile, settings, this.#secretSettings());
    await terminal.step('Database up to date', work);
  }

  async #webBundle(): Promise<void> {
    const { root, env, terminal } = this.#options;
    if (isWebBuilt(root)) return;
    await terminal.step('Web app built', () => buildWeb(root, env, this.#abort.signal));
  }

  async #startService(label: string, spec: ServiceSpec): Promise<void> {
    await this.#options.terminal.step(label, () => this.#supervisor.start(spec));
  }

  async #stopInOrder(): Promise<void> {
    const { terminal } = this.#options;
    this.#abort.abort();
    if (this.#supervisor.pids().size > 0) await terminal.step('Stopped', () => this.#supervisor.stopAll());
    else await this.#supervisor.stopAll();
    if (this.#lock !== undefined) {
      for (const file of [this.#paths.servicesFile, this.#paths.databaseUrlFile]) rmSync(file, { force: true });
      this.#lock.release();
    }
    this.#markStopped();
  }

  #demoAccess() {
    const { demoLogins } = this.#options.settings;
    return { logins: demoLogins, apiKey: this.#secretSettings().demoApiKey };
  }

  async #storageUse(): Promise<StorageUse> {
    const { dataDir, secrets } = this.#options.settings;
    const databaseDir = secrets.databaseUrl === undefined ? await locateHome(join(dataDir, 'postgres')) : null;
    const { totalBytes } = await measureDataUse(dataDir, databaseDir ?? join(dataDir, 'postgres'));
    return { usedBytes: totalBytes, databaseDir };
  }

  /** The demo's secrets, given by the person or generated at the first start. */
  #secretSettings(): Settings['secrets'] {
    const { env, settings, root } = this.#options;
    const names = settings.demoKeyEnabled ? (['demoApiKey', 'demoApiKeyAcme'] as const) : [];
    return loadSettings({ ...env, ...ensureSecrets(this.#paths.secrets, names, env) }, root).secrets;
  }
}
