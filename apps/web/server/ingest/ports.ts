import type { Tier } from '@ebap/pipeline/contracts';

/** What ingestion needs of the relational store. */

export interface WriteKey {
  readonly id: string;
  readonly workspaceId: string;
}

export interface WriteKeyDirectory {
  /**
   * The active write key with this secret; null for unknown and revoked ones. An answer may be up to 10 s old.
   * @throws AppError `unavailable`.
   */
  find(secret: string): Promise<WriteKey | null>;
}

/** A person's key material in one workspace. */
export interface SubjectKey {
  readonly keyId: string;
  /** 32 bytes. */
  readonly dataKey: Buffer;
}

export interface SubjectKeyring {
  /**
   * The keys of these people, made where there are none: one round trip for all. Erased people are missing from the
   * answer.
   * @throws AppError `unavailable`.
   */
  keysFor(workspaceId: string, userIds: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>>;
}

export type ProfileTier = Exclude<Tier, 'unknown'>;

/** What `identify` tells of a person; undefined = not told, stays as it is. */
export interface ProfileTraits {
  readonly userId: string;
  readonly tier?: ProfileTier | undefined;
  readonly country?: string | undefined;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
}

export interface ProfileDirectory {
  /** Creates or completes rows of `users`. @throws AppError `unavailable`. */
  upsertMany(workspaceId: string, profiles: readonly ProfileTraits[]): Promise<void>;
}
