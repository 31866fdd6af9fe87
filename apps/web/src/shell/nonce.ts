/** Request header by which the server in front of the pages hands them the nonce of their Content-Security-Policy. */
export const NONCE_HEADER = 'x-nonce';

/** The nonce of this response: from its own header, else from the policy in the request; undefined without a policy. */
export function requestNonce(headers: { get(name: string): string | null }): string | undefined {
  const policy = headers.get('content-security-policy') ?? '';
  return headers.get(NONCE_HEADER) ?? /'nonce-([A-Za-z0-9+/_=-]+)'/.exec(policy)?.[1];
}
