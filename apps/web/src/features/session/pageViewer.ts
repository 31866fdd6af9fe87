import type { Permission } from '@ebap/pipeline/access';
import { headers } from 'next/headers';
import { forbidden, redirect } from 'next/navigation';
import { currentViewer } from './currentViewer.ts';
import { ASKED_PATH_HEADER, signInPath } from './signInPath.ts';
import { type Viewer, type ViewerOutcome, viewerMay } from './viewer.ts';

/** Sends whoever has no viewer where they belong: to sign-in and back, or to the page about missing roles. */
export async function requireViewer(outcome: ViewerOutcome): Promise<Viewer> {
  switch (outcome.kind) {
    case 'viewer':
      return outcome.viewer;
    case 'no_role':
      return redirect('/no-role');
    case 'signed_out':
      return redirect(signInPath(outcome.reason, (await headers()).get(ASKED_PATH_HEADER)));
  }
}

/** The viewer of a page that needs a permission; without it the answer is 403. */
export async function pageViewer(permission: Permission): Promise<Viewer> {
  const viewer = await requireViewer(await currentViewer());
  if (!viewerMay(viewer, permission)) forbidden();
  return viewer;
}
