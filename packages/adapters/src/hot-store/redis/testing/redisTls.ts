import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate for 127.0.0.1 that is its own authority, in PEM files of the folder. */
export async function makeCertificate(
  dir: string,
): Promise<{ readonly certFile: string; readonly keyFile: string; readonly ca: Buffer }> {
  const [certFile, keyFile] = [join(dir, 'server.crt'), join(dir, 'server.key')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  await run('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...subject]);
  return { certFile, keyFile, ca: await readFile(certFile) };
}
