/** Checks `docker-compose.yml` without an engine, with a value for every variable that `.env.example` lists. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeFindings } from './composeFile.ts';

const ROOT = join(import.meta.dirname, '..', '..');

const listed = readFileSync(join(ROOT, '.env.example'), 'utf8').matchAll(/^#?\s*([A-Z][A-Z0-9_]*)=/gm);
const variables = Object.fromEntries([...listed].map(([, name = '']) => [name, 'value']));
const findings = composeFindings(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), variables);
for (const finding of findings) console.error(`docker-compose.yml: ${finding}`);
process.exitCode = findings.length === 0 ? 0 : 1;
