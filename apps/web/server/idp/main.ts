/**
 * The local identity provider as a process of its own, for a cluster on one machine (`npm run cluster`). It listens on
 * loopback alone: anybody who reaches it may be anyone it knows.
 */
import { createServer } from 'node:http';
import { openLogger } from '@ebap/adapters/logging';
import { exitWithParent } from '@ebap/adapters/process';
import { EnvironmentReader } from '@ebap/adapters/settings';
import { PROVIDER_PATH } from '../../src/server/auth/paths.ts';
import { secureHeaders } from '../http/contentSecurity.ts';
import { createIdentityProvider, IDP_PATH } from './identityProvider.ts';
import { DEMO_ACCOUNTS } from './people.ts';

const logger = openLogger('identity', 'info');
const read = new EnvironmentReader(process.env);
const port = read.wholeNumber('EBAP_IDP_PORT', 3003, 1, 65_535);
/** The product's origin, where people are sent back to. */
const productUrl = read.httpUrl('EBAP_PUBLIC_URL', 'http://localhost:3000');
const clientSecret = read.secret('EBAP_OIDC_CLIENT_SECRET');
const secret = read.secret('EBAP_SESSION_SECRET');
if (clientSecret === undefined) read.problem('EBAP_OIDC_CLIENT_SECRET is required.');
if (secret === undefined) read.problem('EBAP_SESSION_SECRET is required.');
read.assertSound();

const publicUrl = `http://localhost:${port}`;
const provide = createIdentityProvider({
  publicUrl,
  clientId: read.text('EBAP_OIDC_CLIENT_ID', 'ebap-web'),
  clientSecret: clientSecret ?? '',
  secret: secret ?? '',
  people: DEMO_ACCOUNTS,
  redirectUri: productUrl + PROVIDER_PATH.callback,
  afterSignOutUri: productUrl + PROVIDER_PATH.afterSignOut,
  onFault: (error, where) => logger.log('error', 'request failed', { where, error }),
});
// A form's answer leads back to the product, which the policy has to allow.
const protect = secureHeaders({ publicUrl, identityOrigin: new URL(productUrl).origin, isDevelopment: false });

const server = createServer((req, res) => {
  const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
  if (path !== IDP_PATH && !path.startsWith(`${IDP_PATH}/`)) {
    // The pages name the product's icon, which this process does not have.
    res.writeHead(path === '/readyz' ? 200 : path === '/icon.svg' ? 204 : 404).end();
    return;
  }
  protect(req, res);
  provide(req, res).catch((error: unknown) => {
    logger.log('error', 'request failed', { where: path, error });
    if (!res.headersSent) res.writeHead(500);
    res.end();
  });
});
const stop = (): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
exitWithParent(process.env, { stop });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => void stop().then(() => process.exit(0)));
server.listen(port, '127.0.0.1', () =>
  logger.log('info', 'identity provider started', { issuer: publicUrl + IDP_PATH }),
);
