'use client';
import { PageFault, type PageFaultProps } from '../../shell/PageFault.tsx';

/** A page that fails leaves the navigation standing. */
export default function AppPageFault(props: PageFaultProps) {
  return <PageFault {...props} isInShell />;
}
