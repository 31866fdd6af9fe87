import { buttonClass, MessagePage } from '@ebap/ui';
import Link from 'next/link';

export default function Forbidden() {
  return (
    <MessagePage
      isInShell
      title="Your role does not open this page"
      code="403"
      actions={
        <Link href="/live" className={buttonClass({ variant: 'primary' })}>
          Open Live
        </Link>
      }
    >
      <p>You are signed in, and nothing was changed. Ask an admin of this workspace if you need this page.</p>
    </MessagePage>
  );
}
