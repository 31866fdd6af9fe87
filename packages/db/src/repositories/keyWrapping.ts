import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AppError } from '@ebap/pipeline/errors';

/** Key-encryption keys by version: new subject keys are wrapped by the current one, older ones stay readable. */
export interface KeyEncryptionKeys {
  readonly currentVersion: number;
  /** 32 bytes each. */
  readonly keys: ReadonlyMap<number, Uint8Array>;
}

/** Whose key it is: part of what the wrapping vouches for, so that a row's key opens nothing of another's. */
export interface KeyIdentity {
  readonly workspaceId: string;
  readonly userId: string;
  readonly keyId: string;
}

export const SUBJECT_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

/** AES-256-GCM under the key of `version`: nonce, ciphertext, tag (NIST SP 800-38D). */
export function wrapKey(keks: KeyEncryptionKeys, version: number, identity: KeyIdentity, key: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, kekOf(keks, version), nonce);
  cipher.setAAD(additionalData(identity, version));
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
}

/** @throws AppError `configuration` for an unknown version, `corrupt_data` when the wrapping does not vouch for it. */
export function unwrapKey(
  keks: KeyEncryptionKeys,
  version: number,
  identity: KeyIdentity,
  wrapped: Uint8Array,
): Buffer {
  const kek = kekOf(keks, version);
  if (wrapped.length !== NONCE_BYTES + SUBJECT_KEY_BYTES + TAG_BYTES) throw damaged(identity);
  const decipher = createDecipheriv(ALGORITHM, kek, wrapped.subarray(0, NONCE_BYTES));
  decipher.setAAD(additionalData(identity, version));
  decipher.setAuthTag(wrapped.subarray(wrapped.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw damaged(identity, cause);
  }
}

function kekOf(keks: KeyEncryptionKeys, version: number): Uint8Array {
  const key = keks.keys.get(version);
  if (key !== undefined && key.length === SUBJECT_KEY_BYTES) return key;
  throw new AppError('configuration', `There is no key-encryption key of version ${version} with 32 bytes.`);
}

/** As JSON, so that no two identities give the same bytes. */
function additionalData(identity: KeyIdentity, version: number): Buffer {
  return Buffer.from(JSON.stringify([identity.workspaceId, identity.userId, identity.keyId, version]));
}

function damaged({ workspaceId, keyId }: KeyIdentity, cause?: unknown): AppError {
  return new AppError('corrupt_data', 'A subject key does not open under its key-encryption key.', {
    cause,
    context: { workspaceId, keyId },
  });
}
