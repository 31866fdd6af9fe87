'use client';
import { createContext, type ReactNode, useContext, useEffect, useReducer } from 'react';
import { askStatus } from './askStatus.ts';
import { NOTHING_KNOWN, type PollOutcome, type ShellStatus, step } from './statusModel.ts';

/** From the beginning of one round to the next. With the server's own looks an outage is on the page within 10 s. */
const EVERY_MS = 3_000;
/** After a round that brought nothing. */
const SOON_MS = 750;

const StatusContext = createContext<ShellStatus>(NOTHING_KNOWN);

/** How the engines are, as far as this page knows. */
export function useShellStatus(): ShellStatus {
  return useContext(StatusContext);
}

/** Whether an outage is told that stops live numbers. */
export function useIsLiveStopped(): boolean {
  return useShellStatus().outages.some(({ stopsLive }) => stopsLive);
}

/**
 * Asks the server every few seconds, over HTTP and not over the live socket: it must work when what feeds the socket
 * does not. Pages in the background don't ask, and do at once when they are looked at again.
 */
export function EngineStatusProvider({ children }: { readonly children: ReactNode }) {
  const [status, take] = useReducer(
    (before: ShellStatus, { outcome, atMs }: { readonly outcome: PollOutcome; readonly atMs: number }) =>
      step(before, outcome, atMs),
    NOTHING_KNOWN,
  );
  useEffect(() => pollWhileVisible((outcome, atMs) => take({ outcome, atMs })), []);
  return <StatusContext value={status}>{children}</StatusContext>;
}

function pollWhileVisible(take: (outcome: PollOutcome, atMs: number) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isAsking = false;
  let isStopped = false;
  const ask = async (): Promise<void> => {
    if (isAsking || isStopped || document.hidden) return;
    if (timer !== null) clearTimeout(timer);
    isAsking = true;
    const startMs = Date.now();
    const outcome = await askStatus();
    isAsking = false;
    if (isStopped) return;
    take(outcome, startMs);
    const isSound = outcome.kind === 'view' || outcome.kind === 'ended';
    const restMs = isSound ? Math.max(SOON_MS, EVERY_MS - (Date.now() - startMs)) : SOON_MS;
    timer = setTimeout(() => void ask(), restMs);
  };
  const onVisibility = (): void => void ask();
  document.addEventListener('visibilitychange', onVisibility);
  void ask();
  return () => {
    isStopped = true;
    if (timer !== null) clearTimeout(timer);
    document.removeEventListener('visibilitychange', onVisibility);
  };
}
