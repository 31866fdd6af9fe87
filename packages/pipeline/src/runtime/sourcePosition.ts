import type { Frontier, StateManifest } from '../ports/checkpointStore.ts';

/** Where a reader of a partition stands. */
export interface SourcePosition {
  readonly topic: string;
  /** Names the topic's history: offsets of another one mean nothing. */
  readonly topicId: string;
  readonly partition: number;
  /** First offset that was not taken in. */
  readonly nextOffset: number;
  /** Append time of the newest record taken in; -∞ if none. */
  readonly appendMs: number;
}

/** What a state manifest carries of the positions beside the frontier: whose offsets they are, and the append clocks. */
export function inlinePositions(positions: readonly SourcePosition[]): StateManifest['inline'] {
  const entries = positions.flatMap((p): readonly (readonly [string, string | number])[] => [
    [topicIdKey(p), p.topicId],
    ...(Number.isFinite(p.appendMs) ? [[appendKey(p), p.appendMs] as const] : []),
  ]);
  return Object.fromEntries(entries);
}

/** The positions as a checkpoint's frontier has them. */
export function frontierOf(positions: readonly SourcePosition[]): Frontier {
  return Object.fromEntries(positions.map((p) => [frontierKey(p), p.nextOffset]));
}

/** A source's key in a frontier. */
export function frontierKey({ topic, partition }: Source): string {
  return `${topic}/${partition}`;
}

interface Source {
  readonly topic: string;
  readonly partition: number;
}

/** What a manifest tells of a source; an append time of -∞ and no topic id where it tells nothing. */
export function savedPosition(
  manifest: StateManifest | undefined,
  source: Source,
): { readonly topicId: string | null; readonly appendMs: number } {
  const topicId = manifest?.inline[topicIdKey(source)];
  const appendMs = manifest?.inline[appendKey(source)];
  return {
    topicId: typeof topicId === 'string' ? topicId : null,
    appendMs: typeof appendMs === 'number' ? appendMs : Number.NEGATIVE_INFINITY,
  };
}

function topicIdKey({ topic }: Pick<Source, 'topic'>): string {
  return `topicId ${topic}`;
}

function appendKey(source: Source): string {
  return `appendMs ${frontierKey(source)}`;
}
