import { createHash, randomBytes } from 'node:crypto';

/** The parts of a write key: only the prefix is ever shown again. */
export interface ApiKeyText {
  readonly text: string;
  readonly prefix: string;
  readonly hash: Buffer;
}

const PREFIX_BYTES = 5;
const SECRET_BYTES = 32;

/** A new write key `ebap_wk_<prefix>_<secret>` with 256 random bits. */
export function newApiKeyText(): ApiKeyText {
  const prefix = randomBytes(PREFIX_BYTES).toString('hex');
  const text = `ebap_wk_${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { text, prefix, hash: hashApiKey(text) };
}

/** SHA-256 of the whole text: enough for a random key, and the same for every look-up. */
export function hashApiKey(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
