import { readFileSync } from 'node:fs';
import { AppError } from '@ebap/pipeline/errors';

/** What the start needs of the database package. */
export interface DatabaseTools {
  /** Applies the migrations that are missing. */
  migrate(url: string): Promise<unknown>;
  /** Inserts what a new installation starts with; a second time changes nothing. */
  seed(url: string, options: SeedOptions): Promise<unknown>;
}

export interface SeedOptions {
  readonly demoLogins: boolean;
  readonly demoApiKey: string | undefined;
  readonly demoApiKeyAcme: string | undefined;
}

/** Brings the schema and the reference data up to this version. */
export async function prepareDatabase(tools: DatabaseTools, urlFile: string, options: SeedOptions): Promise<void> {
  const url = readFileSync(urlFile, 'utf8').trim();
  try {
    await tools.migrate(url);
    await tools.seed(url, options);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('internal', `The database could not be brought up to date: ${reason}`, { cause });
  }
}

/** @throws AppError `configuration` when the database package lacks what the start needs */
export async function loadDatabaseTools(): Promise<DatabaseTools> {
  const { migrate, seed } = await import('@ebap/db');
  return { migrate, seed };
}
