import type { Adapter, AdapterUser } from 'next-auth/adapters';
import type { WebServices } from '../services.ts';
import { SESSION_LIMITS } from '../session/authority.ts';
import { loginScope } from './loginScope.ts';

/**
 * next-auth's sessions in the relational store: the cookie holds an opaque token, the store its hash. People are
 * written by the sign-in callback, before next-auth asks for them.
 */
export function sessionAdapter(
  services: WebServices,
  personOf: (subject: string) => Promise<AdapterUser | null>,
): Adapter {
  const { sessionStore, sessions } = services;
  const live = async (token: string) => {
    const found = await sessionStore.find(token);
    return found.kind === 'live' ? found : null;
  };
  return {
    getUserByAccount: ({ providerAccountId }) => personOf(providerAccountId),
    // A person is who the provider's subject says, never who has the same email address.
    getUserByEmail: async () => null,
    getUser: async (id) => {
      const person = await services.members.get(id);
      return person === null ? null : toUser(person);
    },
    createSession: async ({ userId, expires }) => {
      const scope = loginScope();
      const { token } = await sessionStore.create({
        personId: userId,
        ...SESSION_LIMITS,
        idpGroups: scope?.groups ?? [],
        ...(scope?.userAgent != null && { userAgent: scope.userAgent }),
        ...(scope?.ip != null && { ip: scope.ip }),
      });
      return { sessionToken: token, userId, expires };
    },
    getSessionAndUser: async (sessionToken) => {
      const found = await live(sessionToken);
      if (found === null) return null;
      if (loginScope() !== undefined) {
        // Signing in anew: the old session ends, and can't lend its person to the new one.
        await sessionStore.revoke(found.sessionId);
        sessions.forget(sessionToken);
        return null;
      }
      const expires = new Date(found.absoluteExpiresAtMs);
      return { session: { sessionToken, userId: found.person.id, expires }, user: toUser(found.person) };
    },
    // The store sets the limits itself; next-auth can't stretch them.
    updateSession: async () => null,
    deleteSession: async (sessionToken) => {
      const found = await live(sessionToken);
      if (found === null) return;
      await sessionStore.revoke(found.sessionId);
      sessions.forget(sessionToken);
      await services.audit({ workspaceId: null, actor: found.person.id, kind: 'logout', detail: {} });
    },
  };
}

export function toUser(person: { readonly id: string; readonly name: string; readonly email: string }): AdapterUser {
  return { ...person, emailVerified: null };
}
