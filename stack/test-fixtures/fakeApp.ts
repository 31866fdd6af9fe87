/** Stands in for worker, web and simulator when the whole start is tested: answers `/readyz` and notes its life. */
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { loadSettings } from '@ebap/adapters/settings';

const name = basename(dirname(dirname(import.meta.filename)));
const settings = loadSettings(process.env);
const note = (what: string) => appendFileSync(join(settings.dataDir, 'journal'), `${name} ${what}\n`);
const port = { web: settings.port, 'stream-worker': settings.workerInternalPort }[name];

// Before it says that it started: it may be asked to stop from then on.
process.on('SIGTERM', () => {
  note('stopped');
  process.exit(0);
});

const databaseUrl = readFileSync(process.env.EBAP_DATABASE_URL_FILE ?? '', 'utf8');
const given = Object.entries(settings.secrets).flatMap(([key, value]) => (value === undefined ? [] : [key]));
note(`started with ${given.join(',')} ${databaseUrl.startsWith('postgres://')}`);
console.log(JSON.stringify({ level: 'info', msg: 'up', port }));
const server = createServer((request, response) => response.writeHead(request.url === '/readyz' ? 200 : 404).end());
if (port !== undefined) server.listen(port, '127.0.0.1');
setInterval(() => {}, 1_000);
