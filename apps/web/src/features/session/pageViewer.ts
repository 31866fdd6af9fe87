import type { Permission } from '@ebap/pipeline/access';
import { forbidden, redirect } from 'next/navigation';
import { currentViewer } from './currentViewer.ts';
import { type Viewer, viewerMay } from './viewer.ts';

/** The viewer of a page that needs a permission; anyone else is sent where they belong: sign-in, no-role, 403. */
export async function pageViewer(permission: Permission): Promise<Viewer> {
  const outcome = await currentViewer();
  if (outcome.kind === 'signed_out') redirect('/signin');
  if (outcome.kind === 'no_role') redirect('/no-role');
  if (!viewerMay(outcome.viewer, permission)) forbidden();
  return outcome.viewer;
}
