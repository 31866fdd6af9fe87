import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomFillSync } from 'node:crypto';
import { AppError } from '@ebap/pipeline/errors';

const VERSION = 1;
const KEY_ID_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;
const PSEUDONYM_BYTES = 15;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Which value a ciphertext is; bound to it, so that it can't be moved to another event or field. */
export interface SealContext {
  readonly workspaceId: string;
  readonly eventId: string;
  readonly timestampMs: number;
  readonly field: 'email' | 'payment_hash';
}

const POOL_BYTES = NONCE_BYTES * 512;
const noncePool = Buffer.alloc(POOL_BYTES);
let poolAt = POOL_BYTES;

/** Random nonces, drawn in bulk: one system call per 512. */
function nextNonce(): Buffer {
  if (poolAt >= POOL_BYTES) {
    randomFillSync(noncePool);
    poolAt = 0;
  }
  poolAt += NONCE_BYTES;
  return noncePool.subarray(poolAt - NONCE_BYTES, poolAt);
}

function associatedData({ workspaceId, eventId, timestampMs, field }: SealContext): Buffer {
  return Buffer.from(`${workspaceId}|${eventId}|${timestampMs}|${field}`);
}

/**
 * AES-256-GCM under the person's data key: version, key id (16 bytes), nonce (12), tag (16), ciphertext.
 * `keyId` is a UUID's 32 hexadecimal digits or the UUID itself.
 */
export function sealField(text: string, keyId: string, dataKey: Buffer, context: SealContext): Uint8Array {
  const plain = Buffer.from(text);
  const out = Buffer.allocUnsafe(HEADER_BYTES + TAG_BYTES + plain.length);
  const nonce = nextNonce();
  out[0] = VERSION;
  out.write(keyId.replaceAll('-', ''), 1, KEY_ID_BYTES, 'hex');
  nonce.copy(out, 1 + KEY_ID_BYTES);
  const cipher = createCipheriv('aes-256-gcm', dataKey, nonce);
  cipher.setAAD(associatedData(context));
  cipher.update(plain).copy(out, HEADER_BYTES + TAG_BYTES);
  cipher.final();
  cipher.getAuthTag().copy(out, HEADER_BYTES);
  return out;
}

/** The id of the data key that {@link sealField} used, as 32 hexadecimal digits. */
export function sealedKeyId(sealed: Uint8Array): string {
  return Buffer.from(sealed.subarray(1, 1 + KEY_ID_BYTES)).toString('hex');
}

/** Undoes {@link sealField}. @throws AppError `corrupt_data` if key, context or bytes are not those of the sealing. */
export function openField(sealed: Uint8Array, dataKey: Buffer, context: SealContext): string {
  try {
    if (sealed[0] !== VERSION) throw new RangeError('unknown version');
    const nonce = sealed.subarray(1 + KEY_ID_BYTES, HEADER_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', dataKey, nonce);
    decipher.setAAD(associatedData(context));
    decipher.setAuthTag(sealed.subarray(HEADER_BYTES, HEADER_BYTES + TAG_BYTES));
    const plain = decipher.update(sealed.subarray(HEADER_BYTES + TAG_BYTES));
    return Buffer.concat([plain, decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new AppError('corrupt_data', 'a sealed field does not open', { context: { field: context.field }, cause });
  }
}

/**
 * The person's pseudonym: base32 of the first 120 bits of HMAC-SHA-256(HKDF(subject key), user id). Stable while the
 * subject key lives, not to be guessed or recomputed without it.
 */
export function pseudonymOf(userId: string, dataKey: Buffer): string {
  const key = Buffer.from(hkdfSync('sha256', dataKey, '', 'ebap pseudonym 1', 32));
  return base32(createHmac('sha256', key).update(userId).digest().subarray(0, PSEUDONYM_BYTES));
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(held >>> bits) & 31];
    }
  }
  return text;
}
