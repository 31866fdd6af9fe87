/** The stream worker's process. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { openLogger } from '@ebap/adapters/logging';
import { exitWithParent } from '@ebap/adapters/process';
import { loadSettings } from '@ebap/adapters/settings';
import { AppError, isAppError } from '@ebap/pipeline/errors';
import { startInternalServer } from './internalServer.ts';
import { openWorker } from './worker.ts';

const settings = loadSettings(process.env);
const logger = openLogger('worker', settings.logLevel);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

try {
  const { databaseUrl, keyEncryptionKey } = settings.secrets;
  if (databaseUrl === undefined || keyEncryptionKey === undefined)
    throw new AppError(
      'configuration',
      'EBAP_DATABASE_URL and EBAP_KEY_ENCRYPTION_KEY (or their _FILE forms) must be set.',
    );
  const worker = await openWorker({
    owner: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    settings,
    databaseUrl,
    keyEncryptionKey: Buffer.from(keyEncryptionKey, 'base64'),
    logger,
    signal: stop.signal,
  });
  const server = await startInternalServer(worker, settings.workerInternalPort);
  const running = worker.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
    server.close();
  };
  exitWithParent(process.env, { stop: end });
  logger.log('info', 'worker started', { internalPort: settings.workerInternalPort });
  await running;
  server.close();
  logger.log('info', 'worker stopped');
  process.exit(0);
} catch (error) {
  if (stop.signal.aborted && isAppError(error, 'cancelled')) process.exit(0);
  logger.log('error', 'worker failed', { error });
  process.exit(1);
}
