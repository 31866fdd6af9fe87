import { randomUUID } from 'node:crypto';
import type { CheckpointCommit, CheckpointStore, Frontier, Lease, StateManifest } from '@ebap/pipeline/ports';
import { vi } from 'vitest';

/** A store for all tests of the suite: each test uses a task name of its own. */
export interface CheckpointStoreUnderTest {
  readonly store: CheckpointStore;
  /** Another client of the same data, as a second worker has. */
  open(): CheckpointStore;
  /** Moves an intent's opening into the past. */
  ageIntent(intentId: string, byMs: number): Promise<void>;
  dispose(): Promise<void>;
}

export type Made = () => CheckpointStoreUnderTest;

export const LONG_MS = 60_000;
/** A lease of this length expires at once: {@link expired} waits for it. */
export const SHORT_MS = 1;

export const newTask = (): string => `task-${randomUUID()}`;

export function manifestOf(...names: readonly string[]): StateManifest {
  return { formatVersion: 1, segments: names.map((name) => ({ name, bytes: name.length })), inline: { rows: 3 } };
}

/** A commit whose intent announced all segments of its manifest. */
export async function prepare(
  store: CheckpointStore,
  lease: Lease,
  from: Frontier | null,
  to: Frontier,
  ...segments: readonly string[]
): Promise<CheckpointCommit> {
  const intentId = await store.openIntent(lease, segments);
  return { commitId: randomUUID(), intentId, lease, from, to, manifest: manifestOf(...segments) };
}

export async function taken(store: CheckpointStore, task: string, owner = 'a', ttlMs = LONG_MS): Promise<Lease> {
  const lease = await store.acquireLease(task, 0, owner, ttlMs);
  if (lease === null) throw new Error('the lease is held');
  return lease;
}

/** Waits until the store counts the lease as expired, by its own clock. */
export async function expired(store: CheckpointStore, { task, partition }: Lease): Promise<void> {
  const isHeld = async () => (await store.holders(task)).some((holder) => holder.partition === partition);
  await vi.waitUntil(async () => !(await isHeld()), { timeout: 20_000, interval: 2 });
}
