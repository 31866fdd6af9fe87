import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOnce, ensurePrivateFolder } from '../start/secrets.ts';

const PASSWORD_BYTES = 24;

/** Passwords of one cluster: made when first asked for, kept in files that only this user reads. */
export class ClusterSecrets {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The password of that name; letters, digits, `-` and `_`. */
  password(name: string): string {
    ensurePrivateFolder(this.#folder);
    const file = join(this.#folder, name);
    createOnce(file, () => randomBytes(PASSWORD_BYTES).toString('base64url'));
    return readFileSync(file, 'utf8').trim();
  }
}
