'use client';
import type { NoticeMessage } from '@ebap/pipeline/contracts';
import { ConnectionDot, type ConnectionStatus, formatDuration, useNowMs, useToast } from '@ebap/ui';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect } from 'react';
import { useIsLiveStopped } from '../features/engines/index.ts';
import { useNow } from '../features/live/hooks.ts';
import { useConnection } from '../live/LiveProvider.tsx';
import { LIVE_STALE_AFTER_MS } from '../live/panelState.ts';

/** How live the page is, and by how much it trails. */
export function LiveStatus() {
  const { isConnected, notice } = useConnection();
  useSessionEnd(notice?.code === 'session_ended');
  useLostRight(notice?.code === 'forbidden' ? notice : null);
  const { view } = useNow({});
  const nowMs = useNowMs();
  const isStopped = useIsLiveStopped();
  const isFixed = useSearchParams().has('from');
  return (
    <ConnectionDot
      status={liveStatus({
        isConnected,
        notice: notice?.code === 'degraded' ? notice.message : null,
        isStopped,
        isFixed,
        nowMs,
        asOfMs: view?.now.asOfMs ?? null,
      })}
    />
  );
}

/** A session that ended shows nothing more: the page goes where a new one begins, and comes back from there. */
function useSessionEnd(hasEnded: boolean) {
  useEffect(() => {
    if (!hasEnded) return;
    const here = `${window.location.pathname}${window.location.search}`;
    window.location.assign(`/signin?${new URLSearchParams({ reason: 'expired', callbackUrl: here })}`);
  }, [hasEnded]);
}

/** A right that was taken away changes what the page may show: the server draws it anew. */
function useLostRight(notice: NoticeMessage | null) {
  const router = useRouter();
  const notify = useToast();
  useEffect(() => {
    if (!notice) return;
    notify({ title: notice.message });
    router.refresh();
  }, [notice, notify, router]);
}

/** The dot's words; being cut off outweighs everything. */
export function liveStatus(input: {
  readonly isConnected: boolean;
  readonly notice: string | null;
  /** The shell tells of an outage that stops live numbers. */
  readonly isStopped?: boolean;
  readonly isFixed: boolean;
  readonly nowMs: number | null;
  readonly asOfMs: number | null;
}): ConnectionStatus {
  const { isConnected, notice, isStopped = false, isFixed, nowMs, asOfMs } = input;
  if (!isConnected) return { kind: 'reconnecting', detail: 'data is kept' };
  if (isStopped && !isFixed) return { kind: 'delayed', ...behind(nowMs, asOfMs) };
  if (notice) return { kind: 'reconnecting', detail: notice };
  if (isFixed) return { kind: 'paused', detail: 'fixed range' };
  if (nowMs === null || asOfMs === null) return { kind: 'live' };
  const behindMs = Math.max(0, nowMs - asOfMs);
  if (behindMs > LIVE_STALE_AFTER_MS) return { kind: 'delayed', detail: `${formatDuration(behindMs)} behind` };
  return { kind: 'live', detail: `${Math.round(behindMs / 1_000)} s behind` };
}

function behind(nowMs: number | null, asOfMs: number | null): { readonly detail?: string } {
  return nowMs === null || asOfMs === null ? {} : { detail: `${formatDuration(Math.max(0, nowMs - asOfMs))} behind` };
}
