import { appendFileSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@ebap/adapters/embedded-postgres';
import { openLog } from '../process/logFile.ts';
import { signalTree } from '../process/processTree.ts';
import type { EngineContext } from './context.ts';
import type { Engine } from './engine.ts';

export type PostgresName = 'platform' | 'source';

const TITLES: Readonly<Record<PostgresName, string>> = {
  platform: 'PostgreSQL (platform)',
  source: 'PostgreSQL (source)',
};
/** The database that each has from the start. */
const DATABASES: Readonly<Record<PostgresName, string>> = { platform: 'ebap', source: 'shop' };

/** Address with the password of the superuser. */
export function postgresUrl({ ports, secrets }: EngineContext, name: PostgresName, database = DATABASES[name]): string {
  return `postgres://postgres:${secrets.password(`postgres-${name}`)}@127.0.0.1:${ports[name]}/${database}`;
}

/** A PostgreSQL server from npm's binaries, ready for logical replication. */
export class PostgresEngine implements Engine {
  readonly name: PostgresName;
  readonly title: string;
  readonly needs = [];
  readonly logFile: string;
  readonly #context: EngineContext;
  readonly #sharedDir: string | undefined;
  readonly #listeners: ((why: string) => void)[] = [];
  #server: EmbeddedPostgres | undefined;
  #starting: Promise<void> | undefined;
  #endExpected = false;

  /** @param sharedDir as root: where the data lies, see `startEmbeddedPostgres` */
  constructor(name: PostgresName, context: EngineContext, sharedDir: string | undefined) {
    this.name = name;
    this.title = TITLES[name];
    this.logFile = context.logFile(name);
    this.#context = context;
    this.#sharedDir = sharedDir;
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  start(): Promise<void> {
    this.#starting ??= this.#startNow().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async stop(): Promise<void> {
    this.#endExpected = true;
    await this.#starting?.catch(() => {});
    this.resume();
    await this.#server?.stop();
    this.#server = undefined;
  }

  async kill(): Promise<void> {
    this.#endExpected = true;
    if (this.pid !== undefined) signalTree(this.pid, 'SIGKILL');
    await this.#server?.exited;
    // Gives back its claim of the data folder.
    await this.#server?.stop();
    this.#server = undefined;
  }

  pause(): void {
    if (this.pid !== undefined) signalTree(this.pid, 'SIGSTOP');
  }

  resume(): void {
    if (this.pid !== undefined) signalTree(this.pid, 'SIGCONT');
  }

  onUnexpectedEnd(listener: (why: string) => void): void {
    this.#listeners.push(listener);
  }

  async #startNow(): Promise<void> {
    if (this.pid !== undefined) return;
    await this.#server?.stop();
    this.#endExpected = false;
    closeSync(openLog(this.logFile));
    const { dataDir, ports, secrets } = this.#context;
    const server = await startEmbeddedPostgres({
      dataDir: postgresDataDir(dataDir, this.name),
      port: ports[this.name],
      password: secrets.password(`postgres-${this.name}`),
      database: DATABASES[this.name],
      log: (line) => appendFileSync(this.logFile, `${line}\n`),
      ...(this.#sharedDir === undefined ? {} : { sharedDir: this.#sharedDir }),
    });
    this.#server = server;
    void server.exited.then((lastLines) => {
      if (!this.#endExpected) for (const listener of this.#listeners) listener(lastLines.split('\n').at(-1) ?? '');
    });
  }
}

export const postgresDataDir = (dataDir: string, name: PostgresName): string => join(dataDir, `postgres-${name}`);
