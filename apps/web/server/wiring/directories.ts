import type { Db, KeyEncryptionKeys } from '@ebap/db';
import { AppError } from '@ebap/pipeline/errors';
import type { ReferenceDirectory } from '../../src/server/live/reference.ts';
import type { ProfileDirectory, SubjectKeyring, WriteKeyDirectory } from '../ingest/ports.ts';

const KEK_VERSION = 1;

/** Write keys of the relational store. */
export function writeKeys({ apiKeys }: Db): WriteKeyDirectory {
  return {
    find: async (secret) => {
      const key = await apiKeys.verify(secret);
      return key === null ? null : { id: key.keyId, workspaceId: key.workspaceId };
    },
  };
}

/** Subject keys of the relational store, wrapped by the installation's key-encryption key. */
export function subjectKeyring({ subjectKeys }: Db, keyEncryptionKey: Uint8Array): SubjectKeyring {
  const keks: KeyEncryptionKeys = { currentVersion: KEK_VERSION, keys: new Map([[KEK_VERSION, keyEncryptionKey]]) };
  return {
    keysFor: async (workspaceId, userIds) => {
      const { keys } = await subjectKeys.getOrCreateMany(workspaceId, userIds, keks);
      return new Map([...keys].map(([userId, { keyId, key }]) => [userId, { keyId, dataKey: key }]));
    },
  };
}

export function profiles({ users }: Db): ProfileDirectory {
  return {
    upsertMany: async (workspaceId, traits) => {
      const rows = traits.map(({ name, ...profile }) => ({ ...profile, displayName: name }));
      await users.upsertMany(workspaceId, rows);
    },
  };
}

/** Regions and currencies of the relational store. */
export function referenceDirectory({ reference, workspaces }: Db): ReferenceDirectory {
  return {
    regions: () => reference.regions(),
    currency: async (workspaceId) => {
      const workspace = await workspaces.get(workspaceId);
      if (workspace === null) throw new AppError('not_found', 'the workspace does not exist');
      return workspace.currency;
    },
  };
}
