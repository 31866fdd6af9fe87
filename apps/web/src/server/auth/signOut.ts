import type { WebServices } from '../services.ts';
import { PROVIDER_PATH } from './paths.ts';

const DISCOVERY_TIMEOUT_MS = 3_000;

/**
 * Where to send the browser after our session has ended, so that the identity provider's ends too (OpenID Connect
 * RP-Initiated Logout 1.0). Our own sign-in page if the provider can't be asked or has no such address.
 */
export async function endSessionUrl({ identity, publicUrl }: WebServices): Promise<string> {
  const home = publicUrl + PROVIDER_PATH.afterSignOut;
  try {
    const response = await fetch(`${identity.issuer}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS),
    });
    const { end_session_endpoint: endpoint } = (await response.json()) as { readonly end_session_endpoint?: unknown };
    if (typeof endpoint !== 'string') return home;
    const url = new URL(endpoint);
    url.searchParams.set('client_id', identity.clientId);
    url.searchParams.set('post_logout_redirect_uri', home);
    return url.href;
  } catch {
    return home;
  }
}
