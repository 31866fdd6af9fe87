import { DEAD_LETTER_REASONS } from '@ebap/pipeline/contracts';
import { createTRPCClient, httpLink } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '../../server/trpc/root.ts';

const SHOWN = 50;
const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: '/api/trpc', transformer: superjson })] });

/** One dead letter as the page shows it. `preview` is a producer's text: it is shown as text. */
export interface DeadLetterDetail {
  readonly id: string;
  readonly reason: string;
  readonly message: string;
  /** Where it stood on the log; null when the edge refused it. */
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number } | null;
  readonly schemaId: number | null;
  readonly firstSeenMs: number;
  readonly sizeBytes: number;
  /** The record as text, as far as it could be read; null for sealed or binary records. */
  readonly preview: string | null;
  /** The viewer's role does not see who the record is about. */
  readonly isMasked: boolean;
}

/** The letters of one reason: the workspace's, or those whose workspace can't be told. */
export interface OpenLetters {
  readonly reason: string;
  readonly scope: 'workspace' | 'system';
}

/** The newest dead letters of a reason, newest first. @throws TRPCClientError when refused or out of reach. */
export async function readDeadLetters({ reason, scope }: OpenLetters): Promise<readonly DeadLetterDetail[]> {
  const known = DEAD_LETTER_REASONS.find((one) => one === reason);
  // A reason of a newer worker than this page: it is listed, its records are not to be had here.
  return known ? client.deadLetters.list.query({ reason: known, limit: SHOWN, scope }) : [];
}
