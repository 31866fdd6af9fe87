/** The web process: ingestion, sockets, identity provider and pages on one port. */
import { hostname } from 'node:os';
import { openLogger } from '@ebap/adapters/logging';
import { exitWithParent } from '@ebap/adapters/process';
import { isAppError } from '@ebap/pipeline/errors';
import { loadWebSettings, tellNextAuthItsOrigin } from './env.ts';
import { openPages } from './wiring/pages.ts';
import { openStores } from './wiring/stores.ts';
import { startWebServer } from './wiring/webServer.ts';

const logger = openLogger('web', 'info');
const starting = new AbortController();
const giveUp = (): void => starting.abort();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, giveUp);

try {
  const web = loadWebSettings(process.env);
  const { settings } = web;
  tellNextAuthItsOrigin(settings.publicUrl);
  const stores = await openStores({
    settings,
    databaseUrl: web.databaseUrl,
    clientId: `ebap-web-${hostname()}-${process.pid}`,
    logger,
    signal: starting.signal,
  });
  const server = await startWebServer({
    web,
    stores,
    openPages,
    logger: openLogger('web', settings.logLevel),
  });
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= server.stop().then(() => stores.close());
    return stopping;
  };
  exitWithParent(process.env, { stop });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      void stop().then(() => process.exit(0));
    });
  logger.log('info', 'web started', { url: settings.publicUrl, internalPort: settings.internalPort });
} catch (error) {
  if (starting.signal.aborted && isAppError(error, 'cancelled')) process.exit(0);
  logger.log('error', 'web failed', { error });
  process.exit(1);
}
