import { join } from 'node:path';
import type { NextConfig } from 'next';
import { PHASE_DEVELOPMENT_SERVER } from 'next/constants.js';

/** `*.dev.tsx` pages exist in `next dev` alone: no build contains them. */
export default function config(phase: string): NextConfig {
  return {
    reactStrictMode: true,
    poweredByHeader: false,
    transpilePackages: ['@ebap/ui', '@ebap/pipeline'],
    pageExtensions: phase === PHASE_DEVELOPMENT_SERVER ? ['dev.tsx', 'tsx', 'ts'] : ['tsx', 'ts'],
    // Types are checked by `tsc -p apps/web`, lint by Biome: a build only builds.
    typescript: { ignoreBuildErrors: true },
    turbopack: { root: join(import.meta.dirname, '../..') },
    experimental: { authInterrupts: true },
  };
}
