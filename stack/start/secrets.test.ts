import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureSecrets } from './secrets.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'ebap-secrets-')), 'secrets');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;

test('a missing secret is made, private, and named by its variable', () => {
  const env = ensureSecrets(folder, ['session', 'demoApiKey'], {});
  expect(env).toEqual({
    EBAP_SESSION_SECRET_FILE: join(folder, 'session-secret'),
    EBAP_DEMO_API_KEY_FILE: join(folder, 'demo-api-key'),
  });
  expect(modeOf(folder)).toBe(0o700);
  expect(modeOf(join(folder, 'session-secret'))).toBe(0o600);
  expect(readFileSync(join(folder, 'demo-api-key'), 'utf8')).toMatch(/^ebap_demo_[\w-]{32}\n$/);
  expect(readdirSync(folder).toSorted()).toEqual(['demo-api-key', 'session-secret']);
});

test('the key-encryption key is 32 bytes', () => {
  ensureSecrets(folder, ['keyEncryption'], {});
  expect(Buffer.from(readFileSync(join(folder, 'key-encryption-key'), 'utf8'), 'base64')).toHaveLength(32);
});

test('a second start keeps the secrets and closes what was opened to others', () => {
  ensureSecrets(folder, ['session'], {});
  const path = join(folder, 'session-secret');
  const before = readFileSync(path, 'utf8');
  chmodSync(path, 0o644);
  chmodSync(folder, 0o755);
  ensureSecrets(folder, ['session'], {});
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect([modeOf(folder), modeOf(path)]).toEqual([0o700, 0o600]);
});

test.each(['EBAP_SESSION_SECRET', 'EBAP_SESSION_SECRET_FILE'])('a secret given by %s is not made', (name) => {
  expect(ensureSecrets(folder, ['session'], { [name]: 'given' })).toEqual({});
  expect(readdirSync(folder)).toEqual([]);
});
