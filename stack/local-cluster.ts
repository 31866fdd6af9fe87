/** `npm run cluster`: the real engines as processes of this machine, without Docker. */
import { dirname } from 'node:path';
import { runCluster } from './cluster/cli/runCluster.ts';

process.exit(await runCluster(dirname(import.meta.dirname), process.argv.slice(2)));
