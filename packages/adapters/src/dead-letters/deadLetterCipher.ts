import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '@ebap/pipeline/errors';

export interface DeadLetterCipher {
  seal(payload: Uint8Array): { readonly payload: string; readonly sealed: boolean };
  /** The original bytes. @throws AppError `corrupt_data` if key or bytes are not those of the sealing. */
  open(letter: { readonly payload: string; readonly sealed: boolean }): Uint8Array;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 5;
const DAY_MS = 86_400_000;
const KEYS_KEPT = 64;

/**
 * AES-256-GCM under a key per day, derived from the key-encryption key: version (1), day (4), nonce (12), tag (16),
 * ciphertext; base64. Letters live 30 days, so do the days' keys in memory.
 */
export function openDeadLetterCipher(keyEncryptionKey: Uint8Array, nowMs: () => number): DeadLetterCipher {
  const keys = new Map<number, Buffer>();
  const keyOf = (day: number): Buffer => {
    let key = keys.get(day);
    if (key === undefined) {
      if (keys.size >= KEYS_KEPT) keys.clear();
      key = Buffer.from(hkdfSync('sha256', keyEncryptionKey, '', `ebap dead letter ${day}`, 32));
      keys.set(day, key);
    }
    return key;
  };
  return {
    seal: (payload) => {
      const day = Math.floor(nowMs() / DAY_MS);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', keyOf(day), nonce);
      const body = Buffer.concat([cipher.update(payload), cipher.final()]);
      const head = Buffer.alloc(HEADER_BYTES);
      head.writeUInt8(VERSION, 0);
      head.writeUInt32BE(day, 1);
      return { payload: Buffer.concat([head, nonce, cipher.getAuthTag(), body]).toString('base64'), sealed: true };
    },
    open: ({ payload, sealed }) => {
      const bytes = Buffer.from(payload, 'base64');
      if (!sealed) return bytes;
      try {
        if (bytes.readUInt8(0) !== VERSION) throw new RangeError('unknown version');
        const at = HEADER_BYTES + NONCE_BYTES;
        const decipher = createDecipheriv(
          'aes-256-gcm',
          keyOf(bytes.readUInt32BE(1)),
          bytes.subarray(HEADER_BYTES, at),
        );
        decipher.setAuthTag(bytes.subarray(at, at + TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(at + TAG_BYTES)), decipher.final()]);
      } catch (cause) {
        throw new AppError('corrupt_data', 'a dead letter does not open: other key, or damaged bytes', { cause });
      }
    },
  };
}
