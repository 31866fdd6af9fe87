'use client';
import type { LiveTopic } from '@ebap/pipeline/contracts';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import { type ConnectionState, LiveClient, type TopicState, topicKey } from './liveClient.ts';
import { createSocketTransport } from './socketTransport.ts';
import type { TopicView } from './topicState.ts';

const LiveContext = createContext<LiveClient | null>(null);

function useClient(): LiveClient {
  const client = useContext(LiveContext);
  if (!client) throw new Error('Live data is used outside LiveProvider');
  return client;
}

/** Opens the page's one live connection and closes it with the page. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [client] = useState(
    () =>
      new LiveClient(createSocketTransport(), {
        nowMs: () => Date.now(),
        onNextFrame: (callback) => requestAnimationFrame(callback),
        after: (delayMs, callback) => setTimeout(callback, delayMs),
      }),
  );
  useEffect(() => {
    client.start();
    return () => client.stop();
  }, [client]);
  return <LiveContext value={client}>{children}</LiveContext>;
}

/** A key is a topic's JSON, written by {@link topicKey} a moment ago. */
function parseKey(key: string): LiveTopic {
  return JSON.parse(key) as LiveTopic;
}

const IDLE: TopicState = { view: null, receivedAtMs: null, refusal: null };
const OFFLINE: ConnectionState = { isConnected: false, notice: null };

/** A topic's newest state as one kind of view. `null` topic: nothing is asked. */
export interface TopicResult<Kind extends TopicView['kind']> {
  readonly view: Extract<TopicView, { kind: Kind }> | null;
  readonly receivedAtMs: number | null;
  readonly refusal: TopicState['refusal'];
  readonly retry: () => void;
}

/** Subscribes to a topic while the component is on the page. The topic may be a new object on every render. */
export function useTopic<Kind extends TopicView['kind']>(
  topic: Extract<LiveTopic, { kind: Kind }> | null,
): TopicResult<Kind> {
  const client = useClient();
  const key = topic ? topicKey(topic) : null;
  const subscribe = useCallback(
    // The key is the topic's content, so it stands for the topic in the dependencies.
    (listener: () => void) => (key === null ? () => undefined : client.watch(parseKey(key), listener)),
    [client, key],
  );
  const snapshot = useCallback(() => (key === null ? IDLE : client.state(parseKey(key))), [client, key]);
  const state = useSyncExternalStore(subscribe, snapshot, () => IDLE);
  const retry = useCallback(() => {
    if (key !== null) client.retry(parseKey(key));
  }, [client, key]);
  const view = state.view?.kind === topic?.kind ? state.view : null;
  return { ...state, view: view as Extract<TopicView, { kind: Kind }> | null, retry };
}

/** Whether the page hears the server. */
export function useConnection(): ConnectionState {
  const client = useClient();
  const subscribe = useCallback((listener: () => void) => client.watchConnection(listener), [client]);
  return useSyncExternalStore(
    subscribe,
    () => client.connection,
    () => OFFLINE,
  );
}
