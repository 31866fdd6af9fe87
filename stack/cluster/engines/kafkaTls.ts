import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Jdk } from '../jdk.ts';
import { runTool } from '../process/runTool.ts';
import { emptyFolder } from './java.ts';
import type { KafkaTlsFiles } from './kafkaProperties.ts';

const PASSWORD_VARIABLE = 'EBAP_KEYSTORE_PASSWORD';
const VALID_DAYS = '3650';

/** The certificate that clients trust, as PEM. */
export const caFileIn = (dir: string): string => join(dir, 'ca.pem');

/**
 * Makes, once, the broker's certificate for this machine and the authority that signs it. The authority's key is
 * removed afterwards: nobody can sign with it again.
 * @param dir made whole or not at all
 */
export async function ensureKafkaTls(dir: string, jdk: Jdk, keystorePassword: string): Promise<KafkaTlsFiles> {
  if (!existsSync(dir)) {
    const draft = emptyFolder(`${dir}.new`);
    await makeCertificates(draft, jdk, keystorePassword);
    renameSync(draft, dir);
  }
  return { keystore: keystoreIn(dir), keystorePassword };
}

const keystoreIn = (dir: string): string => join(dir, 'broker.p12');

async function makeCertificates(dir: string, jdk: Jdk, password: string): Promise<void> {
  const keytool = (...args: string[]) =>
    runTool(
      join(jdk.home, 'bin', 'keytool'),
      [...args, '-keystore', keystoreIn(dir), '-storetype', 'PKCS12', '-storepass:env', PASSWORD_VARIABLE],
      { env: { PATH: '/usr/bin:/bin', [PASSWORD_VARIABLE]: password } },
    );
  const key = ['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', VALID_DAYS];
  await keytool(...key, '-alias', 'ca', '-dname', 'CN=EBAP local cluster', '-ext', 'bc:c', '-ext', 'ku:c=keyCertSign');
  await keytool('-exportcert', '-rfc', '-alias', 'ca', '-file', caFileIn(dir));
  await keytool(
    ...[...key, '-alias', 'broker', '-signer', 'ca', '-dname', 'CN=localhost'],
    ...['-ext', 'san=dns:localhost,ip:127.0.0.1', '-ext', 'eku=serverAuth'],
  );
  await keytool('-delete', '-alias', 'ca');
}
