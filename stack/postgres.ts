/**
 * Runs the embedded PostgreSQL in a process of its own, so that a terminal's Ctrl-C does not end it before those
 * that use it. Writes its address, with the password, to `EBAP_DATABASE_URL_OUT` when it is ready.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataBudget } from '@ebap/adapters/data-folder';
import { startEmbeddedPostgres } from '@ebap/adapters/embedded-postgres';
import { EnvironmentReader, loadSettings } from '@ebap/adapters/settings';
import { AppError, isAppError } from '@ebap/pipeline/errors';
import { quietServerLog } from './start/serverLog.ts';

async function main(): Promise<void> {
  const settings = loadSettings(process.env);
  const read = new EnvironmentReader(process.env);
  const port = read.wholeNumber('EBAP_DATABASE_PORT', 0, 0, 65_535);
  const password = read.secret('EBAP_DATABASE_PASSWORD');
  const urlFile = read.text('EBAP_DATABASE_URL_OUT');
  read.assertSound();
  if (password === undefined || urlFile === undefined) {
    throw new AppError('configuration', 'EBAP_DATABASE_PASSWORD_FILE and EBAP_DATABASE_URL_OUT are required.');
  }
  const postgres = await startEmbeddedPostgres({
    dataDir: join(settings.dataDir, 'postgres'),
    password,
    database: 'ebap',
    log: settings.logLevel === 'debug' ? console.log : quietServerLog(console.log),
    walLimits: dataBudget(settings.dataLimitBytes),
    ...(port === 0 ? {} : { port }),
  });
  let stopping = false;
  process.on('SIGTERM', () => {
    stopping = true;
    void postgres.stop();
  });
  publish(urlFile, postgres.url());
  await postgres.exited;
  if (!stopping) throw new AppError('unavailable', 'PostgreSQL ended by itself.');
}

/** Whole or not at all: the file's presence says that the database is ready. */
function publish(file: string, url: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, url, { mode: 0o600 });
  renameSync(draft, file);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(isAppError(error) ? error.message : error);
  process.exit(1);
}
