'use client';
import { createContext, type ReactNode, useContext } from 'react';
import { createDeadLetterReader } from './deadLetterClient.ts';

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
}

/** Reads the newest dead letters of a reason, newest first. */
export type DeadLetterReader = (reason: string) => Promise<readonly DeadLetterDetail[]>;

const ReaderContext = createContext<DeadLetterReader>(createDeadLetterReader());

/** Reads from elsewhere than the server. */
export function DeadLetterReaderProvider(props: { readonly reader: DeadLetterReader; readonly children: ReactNode }) {
  return <ReaderContext value={props.reader}>{props.children}</ReaderContext>;
}

export function useDeadLetterReader(): DeadLetterReader {
  return useContext(ReaderContext);
}
