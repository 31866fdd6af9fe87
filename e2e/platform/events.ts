import { randomUUID } from 'node:crypto';
import { type PlatformAddress, readSecret } from './platform.ts';

/** The two workspaces of every installation, by the name of their demo key's file. */
export const DEMO_KEYS = { meridian: 'demo-api-key', acme: 'demo-api-key-acme' } as const;

/** A record as a producer sends it. */
export interface SentEvent {
  readonly id: string;
  readonly user_id: string;
  readonly action: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly location: unknown;
  readonly timestamp: string;
}

export interface Answer {
  readonly status: number;
  /** When to come again, as the header says it; null without one. */
  readonly retryAfter: string | null;
  readonly accepted: number;
  readonly rejected: readonly { readonly index: number; readonly code: string }[];
}

/** An item id that nobody else has. */
export function uniqueItem(): string {
  return `e2e-${randomUUID().slice(0, 13)}`;
}

/** A purchase of this moment; `change` replaces fields. */
export function purchase(metadata: SentEvent['metadata'], change: Partial<SentEvent> = {}): SentEvent {
  return {
    id: randomUUID(),
    user_id: `e2e-${randomUUID()}`,
    action: 'purchase',
    metadata: { amount: '19.90', currency: 'EUR', platform: 'web', ...metadata },
    location: 'eu-central-1',
    timestamp: new Date().toISOString(),
    ...change,
  };
}

/** Sends records by `POST /v1/events` with a workspace's demo key. */
export async function send(
  platform: PlatformAddress,
  events: readonly SentEvent[],
  workspace: keyof typeof DEMO_KEYS = 'meridian',
): Promise<Answer> {
  const response = await fetch(`${platform.url}/v1/events`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${readSecret(platform, DEMO_KEYS[workspace])}`,
    },
    body: JSON.stringify(events),
  });
  // The endpoint's own contract, which the journeys check.
  const answer = (await response.json()) as Omit<Answer, 'status' | 'retryAfter'>;
  return { ...answer, status: response.status, retryAfter: response.headers.get('retry-after') };
}
