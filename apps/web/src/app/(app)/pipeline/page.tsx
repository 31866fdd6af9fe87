import type { Metadata } from 'next';
import { PipelinePage } from '../../../features/pipeline/PipelinePage.tsx';
import { pageViewer } from '../../../features/session/pageViewer.ts';

export const metadata: Metadata = { title: 'Pipeline' };

export default async function Page() {
  return <PipelinePage viewer={await pageViewer('page:pipeline')} />;
}
