'use client';
import { Button, buttonClass, MessagePage } from '@ebap/ui';

export interface PageFaultProps {
  /** The digest finds the server's log line; the message stays on the server. */
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}

/** What stands in place of a page that failed to render. */
export function PageFault({ error, reset, isInShell = false }: PageFaultProps & { readonly isInShell?: boolean }) {
  return (
    <MessagePage
      isInShell={isInShell}
      title="This page failed"
      code={error.digest ? `500 · ${error.digest}` : '500'}
      actions={
        <>
          <Button variant="primary" icon="refresh" onClick={reset}>
            Try again
          </Button>
          <a href="/live" className={buttonClass({})}>
            Open Live
          </a>
        </>
      }
    >
      <p>
        Ingestion and processing are not affected: no event is lost by this. If it stays, give the code below to whoever
        runs EBAP.
      </p>
    </MessagePage>
  );
}
