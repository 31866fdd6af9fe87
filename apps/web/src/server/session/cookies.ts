/** Name of the session cookie; under https it is bound to this host by its prefix. */
export function sessionCookieName(isSecure: boolean): string {
  return isSecure ? '__Host-ebap-session' : 'ebap-session';
}

/** Says which of the person's workspaces is open; membership is checked on every request. */
export const WORKSPACE_COOKIE = 'ebap-workspace';

/** One cookie of a `Cookie` header, decoded; null if it is missing or malformed. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
    try {
      return decodeURIComponent(pair.slice(equals + 1).trim());
    } catch {
      return null;
    }
  }
  return null;
}
