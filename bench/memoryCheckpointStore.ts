import type { Checkpoint, CheckpointStore } from '@ebap/pipeline/ports';

/** A checkpoint store for one process and one owner: the database's share is measured on its own. */
export function openMemoryCheckpointStore(): CheckpointStore {
  const held = new Map<string, { readonly partition: number; readonly owner: string; readonly epoch: number }>();
  const checkpoints = new Map<string, Checkpoint>();
  return {
    acquireLease: async (task, partition, owner) => {
      if (held.has(`${task}/${partition}`)) return null;
      held.set(`${task}/${partition}`, { partition, owner, epoch: 1 });
      return { task, partition, owner, epoch: 1 };
    },
    renewLeases: async () => [],
    releaseLease: async (lease) => {
      held.delete(`${lease.task}/${lease.partition}`);
    },
    holders: async (task) =>
      [...held].filter(([id]) => id.startsWith(`${task}/`)).map(([, h]) => ({ ...h, expiresInMs: 1_000 })),
    load: async (task, partition) => checkpoints.get(`${task}/${partition}`) ?? null,
    openIntent: async () => 'intent',
    commit: async ({ lease, to, manifest, commitId }) => {
      checkpoints.set(`${lease.task}/${lease.partition}`, {
        frontier: to,
        manifest,
        epoch: 1,
        commitId,
        committedAtMs: 0,
      });
      return { status: 'committed' };
    },
    sweepable: async () => [],
    swept: async () => {},
  };
}
