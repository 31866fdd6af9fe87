import { connection } from 'next/server';
import type { ViewerOutcome } from './viewer.ts';

/** Who asks, from the session of this request. */
export async function currentViewer(): Promise<ViewerOutcome> {
  await connection();
  return { kind: 'signed_out' };
}
