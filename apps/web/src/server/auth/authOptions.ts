import type { NextAuthOptions } from 'next-auth';
import type { AdapterUser } from 'next-auth/adapters';
import type { WebServices } from '../services.ts';
import { SESSION_LIMITS } from '../session/authority.ts';
import { groupsClaim, rolesOfGroups } from './groupRoles.ts';
import { loginScope } from './loginScope.ts';
import { PROVIDER_ID } from './paths.ts';
import { sessionAdapter, toUser } from './sessionAdapter.ts';

interface Claims {
  readonly sub: string;
  readonly name?: string;
  readonly email?: string;
  readonly groups?: unknown;
}

/**
 * Sign-in by OpenID Connect (code flow, PKCE, state, nonce) with sessions of ours. At every sign-in the person's
 * memberships become what their groups say; made for one request, since it carries who is signing in.
 */
export function authOptions(services: WebServices): NextAuthOptions {
  const { identity, sessionCookie, publicUrl } = services;
  const isSecure = publicUrl.startsWith('https:');
  let signedIn: AdapterUser | null = null;
  return {
    secret: identity.secret,
    session: {
      strategy: 'database',
      maxAge: SESSION_LIMITS.absoluteMs / 1_000,
      updateAge: SESSION_LIMITS.absoluteMs / 1_000,
    },
    adapter: sessionAdapter(services, async () => signedIn),
    pages: { signIn: '/signin', error: '/signin', signOut: '/signin' },
    useSecureCookies: isSecure,
    cookies: {
      sessionToken: {
        name: sessionCookie,
        options: { httpOnly: true, sameSite: 'lax', path: '/', secure: isSecure },
      },
    },
    providers: [
      {
        id: PROVIDER_ID,
        name: 'Single sign-on',
        type: 'oauth',
        wellKnown: `${identity.issuer}/.well-known/openid-configuration`,
        issuer: identity.issuer,
        clientId: identity.clientId,
        clientSecret: identity.clientSecret,
        authorization: { params: { scope: 'openid email profile groups' } },
        idToken: true,
        checks: ['pkce', 'state', 'nonce'],
        httpOptions: { timeout: 10_000 },
        userinfo: {
          // Providers put the groups into either: the ID token's claims count, and what only userinfo has is added.
          request: async ({ client, tokens }) => {
            const fromToken = 'claims' in tokens && typeof tokens.claims === 'function' ? tokens.claims() : {};
            const fromEndpoint = tokens.access_token === undefined ? {} : await client.userinfo(tokens.access_token);
            return { ...fromEndpoint, ...fromToken };
          },
        },
        profile: (claims: Claims) => ({
          id: claims.sub,
          name: claims.name ?? claims.email ?? claims.sub,
          email: claims.email ?? '',
        }),
      },
    ],
    callbacks: {
      signIn: async ({ account, profile }) => {
        const claims = profile as Claims | undefined; // the provider's claims, as `userinfo` above returned them
        if (account?.provider !== PROVIDER_ID || claims === undefined) return false;
        signedIn = await recordLogin(services, claims);
        return true;
      },
      redirect: ({ url }) => localUrl(url, publicUrl),
    },
    logger: {
      error: (code, metadata) => services.onFault(faultOf(code, metadata), 'sign-in'),
      warn: () => undefined,
      debug: () => undefined,
    },
  };
}

async function recordLogin(services: WebServices, claims: Claims): Promise<AdapterUser> {
  const groups = groupsClaim(claims.groups);
  const scope = loginScope();
  if (scope !== undefined) scope.groups = groups;
  const workspaces = await services.workspaces.list();
  const rolesByWorkspace = rolesOfGroups(
    groups,
    workspaces.map((workspace) => workspace.id),
    services.identity.groupGrants,
  );
  const person = await services.members.upsertFromLogin({
    idpSubject: claims.sub,
    name: claims.name ?? claims.email ?? claims.sub,
    email: claims.email ?? '',
    rolesByWorkspace,
  });
  const hasRole = Object.keys(rolesByWorkspace).length > 0;
  await services.audit({
    workspaceId: null,
    actor: person.id,
    kind: hasRole ? 'login' : 'login_without_role',
    detail: { groups: groups.join(' ').slice(0, 500) },
  });
  return toUser(person);
}

/** An address of this site, or its start. */
function localUrl(url: string, publicUrl: string): string {
  const target = URL.canParse(url, publicUrl) ? new URL(url, publicUrl) : null;
  return target?.origin === new URL(publicUrl).origin ? target.href : publicUrl;
}

function faultOf(code: string, metadata: unknown): Error {
  const cause = metadata instanceof Error ? metadata : (metadata as { readonly error?: unknown } | null)?.error;
  return new Error(`next-auth: ${code}`, { cause });
}
