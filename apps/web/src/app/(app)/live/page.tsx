import type { Metadata } from 'next';
import { LivePage } from '../../../features/live/LivePage.tsx';
import { pageViewer } from '../../../features/session/pageViewer.ts';

export const metadata: Metadata = { title: 'Live' };

export default async function Page() {
  return <LivePage viewer={await pageViewer('page:live')} />;
}
