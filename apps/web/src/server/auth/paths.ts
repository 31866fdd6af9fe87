/** Id of the identity provider in next-auth's addresses. */
export const PROVIDER_ID = 'oidc';

/** Paths of this site that the identity provider sends browsers back to; both must be registered there. */
export const PROVIDER_PATH = {
  callback: `/api/auth/callback/${PROVIDER_ID}`,
  afterSignOut: '/signin?reason=signed_out',
} as const;
