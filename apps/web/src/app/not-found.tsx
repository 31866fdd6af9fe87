import { buttonClass, MessagePage } from '@ebap/ui';
import type { Metadata } from 'next';
import Link from 'next/link';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <MessagePage
      title="There is no such page"
      code="404"
      actions={
        <Link href="/live" className={buttonClass({ variant: 'primary' })}>
          Open Live
        </Link>
      }
    >
      <p>The address may be old or mistyped. Links to panels begin with /live or /pipeline.</p>
    </MessagePage>
  );
}
