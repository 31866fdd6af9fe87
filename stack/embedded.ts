/** `npm start`: the whole platform in the embedded profile under one supervisor, until Ctrl-C. */
import { dirname } from 'node:path';
import { runEmbedded } from './start/runEmbedded.ts';

process.exit(await runEmbedded(dirname(import.meta.dirname)));
