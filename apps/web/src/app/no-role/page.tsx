import { MessagePage } from '@ebap/ui';
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { currentViewer } from '../../features/session/currentViewer.ts';
import { SignOutButton } from '../../features/session/SessionButtons.tsx';

export const metadata: Metadata = { title: 'No role' };

/** For people whose sign-in worked, and whose groups mean nothing here. */
export default async function NoRolePage() {
  const outcome = await currentViewer();
  if (outcome.kind === 'signed_out') redirect('/signin');
  if (outcome.kind === 'viewer') redirect('/live');
  const { person, groups } = outcome;
  return (
    <MessagePage title="You have no role here yet" actions={<SignOutButton />}>
      <p>
        You are signed in as {person.name} ({person.email}), but none of your groups is mapped to a role in EBAP, so
        there is nothing you may see.
      </p>
      <p>{groups.length > 0 ? `Your groups: ${groups.join(', ')}.` : 'Your identity provider sent no groups.'}</p>
      <p>Ask an admin to map one of your groups to a role, then sign out and in again.</p>
    </MessagePage>
  );
}
