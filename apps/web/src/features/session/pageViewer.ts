import type { Permission } from '@ebap/pipeline/access';
import { forbidden, redirect } from 'next/navigation';
import { currentViewer } from './currentViewer.ts';
import { type Viewer, type ViewerOutcome, viewerMay } from './viewer.ts';

/** Sends whoever has no viewer where they belong: to sign-in, saying why, or to the page about missing roles. */
export function requireViewer(outcome: ViewerOutcome): Viewer {
  switch (outcome.kind) {
    case 'viewer':
      return outcome.viewer;
    case 'no_role':
      return redirect('/no-role');
    case 'signed_out':
      return redirect(outcome.reason === 'missing' ? '/signin' : `/signin?reason=${outcome.reason}`);
  }
}

/** The viewer of a page that needs a permission; without it the answer is 403. */
export async function pageViewer(permission: Permission): Promise<Viewer> {
  const viewer = requireViewer(await currentViewer());
  if (!viewerMay(viewer, permission)) forbidden();
  return viewer;
}
