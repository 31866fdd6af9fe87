/** What `stack/embedded.ts` does, for the checkout named by the argument. */
import { runEmbedded } from '../start/runEmbedded.ts';

process.exit(await runEmbedded(process.argv[2] ?? ''));
