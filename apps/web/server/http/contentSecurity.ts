import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Request header by which pages learn the nonce of their Content-Security-Policy. */
export const NONCE_HEADER = 'x-nonce';

export interface ContentSecurityOptions {
  readonly publicUrl: string;
  /** Origin of the identity provider, where sign-in forms may lead. */
  readonly identityOrigin: string;
  /** Development tools evaluate text as code. */
  readonly isDevelopment: boolean;
}

/**
 * Sets the headers that every answer to a browser carries, and tells the page its nonce. Whatever a request claims
 * about nonce or policy is overwritten.
 */
export function secureHeaders(options: ContentSecurityOptions) {
  const { publicUrl } = options;
  const isSecure = publicUrl.startsWith('https:');
  return (req: IncomingMessage, res: ServerResponse): void => {
    const nonce = randomBytes(16).toString('base64');
    const policy = contentSecurityPolicy(nonce, options);
    req.headers[NONCE_HEADER] = nonce;
    req.headers['content-security-policy'] = policy;
    res.setHeader('content-security-policy', policy);
    res.setHeader('x-content-type-options', 'nosniff');
    res.setHeader('referrer-policy', 'same-origin');
    res.setHeader('x-frame-options', 'DENY');
    res.setHeader('cross-origin-opener-policy', 'same-origin');
    res.setHeader('cross-origin-resource-policy', 'same-origin');
    res.setHeader('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()');
    if (isSecure) res.setHeader('strict-transport-security', 'max-age=31536000; includeSubDomains');
  };
}

/** Scripts only with the nonce; styles of ours, and style attributes, which charts and virtual lists need. */
export function contentSecurityPolicy(nonce: string, options: ContentSecurityOptions): string {
  const { publicUrl, identityOrigin, isDevelopment } = options;
  const socketOrigin = new URL(publicUrl).origin.replace(/^http/, 'ws');
  const directives = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ''}`,
    isDevelopment ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self' ${socketOrigin}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    identityOrigin === new URL(publicUrl).origin ? "form-action 'self'" : `form-action 'self' ${identityOrigin}`,
    "frame-ancestors 'none'",
  ];
  return directives.join('; ');
}
