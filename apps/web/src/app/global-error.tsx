'use client';
import '@ebap/ui/base.css';
import { Button, MessagePage, ThemeKeeper } from '@ebap/ui';

/** The last resort: even the root layout failed. */
export default function RootFault(props: {
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}) {
  return (
    <html lang="en">
      <body>
        <ThemeKeeper />
        <MessagePage
          title="EBAP could not be shown"
          code={props.error.digest ? `500 · ${props.error.digest}` : '500'}
          actions={
            <Button variant="primary" icon="refresh" onClick={props.reset}>
              Try again
            </Button>
          }
        >
          <p>Ingestion and processing are not affected: no event is lost by this.</p>
        </MessagePage>
      </body>
    </html>
  );
}
