import { MessagePage } from '@ebap/ui';
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { currentViewer } from '../../features/session/currentViewer.ts';
import { SignInButton } from '../../features/session/SessionButtons.tsx';
import { localPath, signInNotice } from '../../features/session/signInNotice.ts';

export const metadata: Metadata = { title: 'Sign in' };

export default async function SignInPage(props: {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const outcome = await currentViewer();
  const params = await props.searchParams;
  if (outcome.kind === 'viewer') redirect(localPath(params.callbackUrl));
  if (outcome.kind === 'no_role') redirect('/no-role');
  const notice = signInNotice(params);
  return (
    <MessagePage title="Sign in" actions={<SignInButton returnTo={localPath(params.callbackUrl)} />}>
      {notice && <p role="status">{notice}</p>}
      <p>You go to your organisation’s sign-in and come back here. Your groups there decide your role.</p>
    </MessagePage>
  );
}
