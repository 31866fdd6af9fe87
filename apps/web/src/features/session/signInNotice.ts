type Param = string | readonly string[] | undefined;

const REASONS: Readonly<Record<string, string>> = {
  signed_out: 'You are signed out.',
  expired: 'Your session ended after its time limit. Nothing was lost.',
  revoked: 'Your session was ended by an admin.',
};

const FAULTS: Readonly<Record<string, string>> = {
  AccessDenied: 'Your organisation’s sign-in refused this account.',
  OAuthCallback: 'The sign-in was not completed. Try again.',
  Callback: 'The sign-in was not completed. Try again.',
  OAuthSignin: 'The identity provider could not be reached. Try again in a moment.',
};

/** Why the person is at the sign-in page; null if they just came. Only known texts: the address is anyone's to write. */
export function signInNotice(params: Readonly<Record<string, Param>>): string | null {
  const fault = typeof params.error === 'string' ? params.error : null;
  if (fault) return FAULTS[fault] ?? 'The sign-in failed. Try again.';
  return typeof params.reason === 'string' ? (REASONS[params.reason] ?? null) : null;
}

/** Where to go after sign-in: a path of this site, never another origin. */
export function localPath(wanted: Param): string {
  if (typeof wanted !== 'string') return '/live';
  const BASE = 'http://local.invalid';
  const url = URL.canParse(wanted, BASE) ? new URL(wanted, BASE) : null;
  // `/.//evil.example` is of this origin, but its path alone, read again, would name another one.
  return url?.origin === BASE && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}` : '/live';
}
