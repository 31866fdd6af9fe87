import { createHash } from 'node:crypto';

const HYPHENS = new Set([8, 13, 18, 23]);

function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

/** The UUID in lower case with hyphens, or null if the text is none. Any version and variant is taken. */
export function normaliseUuid(text: string): string | null {
  if (text.length !== 36) return null;
  let hasUpperCase = false;
  for (let i = 0; i < 36; i++) {
    const code = text.charCodeAt(i);
    if (HYPHENS.has(i)) {
      if (code !== 45) return null;
    } else if (!isHex(code)) return null;
    else if (code >= 65 && code <= 70) hasUpperCase = true;
  }
  return hasUpperCase ? text.toLowerCase() : text;
}

/** Namespace of ids that are made from other systems' message ids. */
export const MESSAGE_ID_NAMESPACE = '6f0a2b0c-5d5e-4d0b-9a51-2f8f3c1f7e11';

/** Namespace of ids that are made from what a call says, for calls without an id of any kind. */
export const CONTENT_NAMESPACE = 'a8e0c1d4-2f6b-4c39-8d17-5b9e3f60c2a4';

/** UUID version 5 (RFC 9562 §5.5): the same name in the same namespace gives the same id, so that retries are found. */
export function uuidV5(namespace: string, name: string): string {
  const hash = createHash('sha1');
  hash.update(Buffer.from(namespace.replaceAll('-', ''), 'hex'));
  const bytes = hash.update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
