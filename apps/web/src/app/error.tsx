'use client';
import { Button, buttonClass, MessagePage } from '@ebap/ui';

/** What a page shows when rendering it failed. The digest finds the server's log line. */
export default function PageFault(props: {
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}) {
  return (
    <MessagePage
      title="This page failed"
      code={props.error.digest ? `500 · ${props.error.digest}` : '500'}
      actions={
        <>
          <Button variant="primary" icon="refresh" onClick={props.reset}>
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
