import { join } from 'node:path';
import type { NextConfig } from 'next';

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  transpilePackages: ['@ebap/ui', '@ebap/pipeline'],
  // Types are checked by `tsc -p apps/web`, lint by Biome: a build only builds.
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: join(import.meta.dirname, '../..') },
  experimental: { authInterrupts: true },
};

export default config;
