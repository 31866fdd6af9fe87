import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@ebap/pipeline/errors';
// Not the package's index: all that adds is a warning on every Node that is no LTS release, such as the pinned one.
import { type Account, Provider, type ProviderContext } from 'oidc-provider/lib/provider.js';
import { NONCE_HEADER } from '../http/contentSecurity.ts';
import { MemoryStorage } from './memoryStorage.ts';
import { faultPage, loginPage, signOutPage } from './pages.ts';
import type { DemoPerson } from './people.ts';

export interface IdentityProviderOptions {
  /** Origin people use; the provider is mounted under `/idp` of it. */
  readonly publicUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Signs the provider's own cookies. */
  readonly secret: string;
  readonly people: readonly DemoPerson[];
  readonly redirectUri: string;
  readonly afterSignOutUri: string;
  readonly onFault: (error: unknown, where: string) => void;
}

export const IDP_PATH = '/idp';
const INTERACTION = /^\/idp\/interaction\/([\w-]{1,64})$/;
const SCOPES = 'openid email profile groups';
const MAX_FORM_BYTES = 2_048;
const HOUR_S = 3_600;
const TTL_S = {
  AccessToken: 600,
  AuthorizationCode: 60,
  IdToken: 600,
  Interaction: HOUR_S,
  Session: 8 * HOUR_S,
  Grant: 8 * HOUR_S,
};

export type RequestHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** A demo identity anybody may pick belongs on loopback, and never into a cluster. @throws AppError `configuration`. */
export function assertDemoIdentityAllowed(profile: string, isLoopbackHost: boolean): void {
  if (profile !== 'embedded')
    throw new AppError('configuration', 'The local identity provider is refused in a cluster.');
  if (!isLoopbackHost)
    throw new AppError('configuration', 'The local identity provider only runs while the server listens on loopback.');
}

/** An OpenID Connect provider with a list of people instead of passwords, for installations on one machine. */
export function createIdentityProvider(options: IdentityProviderOptions): RequestHandler {
  const people = new Map(options.people.map((person) => [person.subject, person]));
  const provider = new Provider(
    `${options.publicUrl}${IDP_PATH}`,
    configuration(options, people, () => provider),
  );
  provider.on('server_error', (_context: never, error: never) => options.onFault(error, 'idp'));
  const callback = provider.callback();
  return async (req, res) => {
    const path = (req.url ?? '').split('?', 1)[0] ?? '';
    if (INTERACTION.test(path)) return interact(provider, req, res, people, options);
    mount(req);
    return callback(req, res);
  };
}

/** The provider's router knows nothing of the path it is mounted under; its links come from `originalUrl`. */
function mount(req: IncomingMessage & { originalUrl?: string }): void {
  req.originalUrl = req.url ?? '/';
  req.url = req.originalUrl.slice(IDP_PATH.length) || '/';
}

async function interact(
  provider: Provider,
  req: IncomingMessage,
  res: ServerResponse,
  people: ReadonlyMap<string, DemoPerson>,
  { publicUrl, onFault }: IdentityProviderOptions,
): Promise<void> {
  const nonce = String(req.headers[NONCE_HEADER] ?? '');
  try {
    await provider.interactionDetails(req, res);
    if (req.method !== 'POST') {
      sendHtml(res, 200, loginPage([...people.values()], (req.url ?? '').split('?', 1)[0] ?? '', nonce));
      return;
    }
    if (req.headers.origin !== undefined && req.headers.origin !== new URL(publicUrl).origin) {
      sendHtml(res, 403, faultPage('Refused', 'The form came from another site.', nonce));
      return;
    }
    const person = people.get(new URLSearchParams(await readForm(req)).get('person') ?? '');
    if (person === undefined) {
      sendHtml(res, 400, faultPage('Unknown person', 'Pick one of the people listed.', nonce));
      return;
    }
    await provider.interactionFinished(req, res, { login: { accountId: person.subject, remember: true } });
  } catch (error) {
    if (!isExpired(error)) onFault(error, 'idp interaction');
    sendHtml(res, 400, faultPage('This sign-in is over', 'It took too long, or was completed in another tab.', nonce));
  }
}

function isExpired(error: unknown): boolean {
  return error instanceof Error && error.name === 'SessionNotFound';
}

async function readForm(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of req as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    if (text.length > MAX_FORM_BYTES) throw new AppError('too_large', 'the form is too large');
  }
  return text;
}

function sendHtml(res: ServerResponse, status: number, html: string): void {
  if (res.headersSent) return;
  res.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  res.end(html);
}

function configuration(
  options: IdentityProviderOptions,
  people: ReadonlyMap<string, DemoPerson>,
  provider: () => Provider,
): Readonly<Record<string, unknown>> {
  const storage = new MemoryStorage();
  const cookieKey = createHmac('sha256', options.secret).update('idp cookies').digest('base64url');
  const html = (context: ProviderContext, body: string) => {
    context.type = 'html';
    context.body = body;
  };
  return {
    adapter: (kind: string) => storage.adapter(kind),
    clients: [
      {
        client_id: options.clientId,
        client_secret: options.clientSecret,
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [options.redirectUri],
        post_logout_redirect_uris: [options.afterSignOutUri],
      },
    ],
    jwks: { keys: [signingKey()] },
    claims: { openid: ['sub'], email: ['email'], profile: ['name'], groups: ['groups'] },
    scopes: SCOPES.split(' '),
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: {
      keys: [cookieKey],
      names: { session: 'idp-session', interaction: 'idp-interaction', resume: 'idp-resume' },
      long: { httpOnly: true, sameSite: 'lax', path: IDP_PATH },
      short: { httpOnly: true, sameSite: 'lax', path: IDP_PATH },
    },
    ttl: TTL_S,
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context: ProviderContext, form: string) =>
          html(context, signOutPage(form, context.get(NONCE_HEADER))),
        postLogoutSuccessSource: (context: ProviderContext) =>
          html(context, faultPage('Signed out', 'You are signed out.', context.get(NONCE_HEADER))),
      },
    },
    interactions: {
      url: (_context: unknown, interaction: { readonly uid: string }) => `${IDP_PATH}/interaction/${interaction.uid}`,
    },
    findAccount: (_context: unknown, subject: string): Account | undefined => accountOf(people.get(subject)),
    // There is nobody to ask: the only client is the product itself.
    loadExistingGrant: async ({ oidc }: ProviderContext) => {
      const clientId = oidc.client?.clientId;
      const accountId = oidc.session?.accountId;
      if (clientId === undefined || accountId === undefined) return undefined;
      const grant = new (provider().Grant)({ clientId, accountId });
      grant.addOIDCScope(SCOPES);
      await grant.save();
      return grant;
    },
    renderError: (context: ProviderContext, out: Readonly<Record<string, string>>) =>
      html(
        context,
        faultPage('The sign-in failed', out.error_description ?? out.error ?? '', context.get(NONCE_HEADER)),
      ),
  };
}

function accountOf(person: DemoPerson | undefined): Account | undefined {
  if (person === undefined) return undefined;
  const { subject, name, email, groups } = person;
  return { accountId: subject, claims: async () => ({ sub: subject, name, email, groups }) };
}

/** A fresh key per start: tokens of this provider live for minutes. */
function signingKey(): Readonly<Record<string, unknown>> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}
