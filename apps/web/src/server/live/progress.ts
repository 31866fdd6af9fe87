import { hotKeys } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';

/** How far a workspace's numbers go, ms of append time. */
export interface Progress {
  readonly asOfMs: number;
  /** 0 = nothing is final yet. */
  readonly finalThroughMs: number;
}

/** The progress that the worker told last; null before the first time. @throws AppError `unavailable`. */
export async function readProgress(hot: HotStore, workspaceId: string): Promise<Progress | null> {
  const [fields] = await hot.readFields([hotKeys.progress(workspaceId)], ['asOfMs', 'finalThroughMs']);
  const asOfMs = Number(fields?.[0] ?? Number.NaN);
  if (!Number.isFinite(asOfMs)) return null;
  return { asOfMs, finalThroughMs: Number(fields?.[1] ?? 0) };
}
