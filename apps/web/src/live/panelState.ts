import type { PanelError, PanelState } from '@ebap/ui';
import type { ReactNode } from 'react';
import type { TopicRefusal } from './liveClient.ts';

/** A live panel's numbers are called stale after this long without news. */
export const LIVE_STALE_AFTER_MS = 15_000;

/** What a panel shows for a topic: data wins over faults, which then stand beside it. */
export function topicPanelState(input: {
  readonly hasData: boolean;
  readonly refusal: TopicRefusal | null;
  readonly retry: () => void;
  /** What to say when the data holds nothing; null while there is something. */
  readonly empty?: { readonly title: string; readonly hint: ReactNode } | null;
}): PanelState {
  const { hasData, refusal, retry, empty } = input;
  if (refusal?.code === 'forbidden') return { kind: 'forbidden', hint: refusal.message };
  if (!hasData) return refusal ? { kind: 'error', error: refusalError(refusal, retry) } : { kind: 'loading' };
  if (empty) return { kind: 'empty', ...empty };
  return { kind: 'ready', problem: refusal ? refusalError(refusal, retry, true) : undefined };
}

function refusalError(refusal: TopicRefusal, retry: () => void, isDataKept = false): PanelError {
  const kept = isDataKept ? ' The last data is kept.' : '';
  return { message: `${refusal.message}${kept}`, details: `live: ${refusal.code}`, onRetry: retry };
}
