import { loadSettings } from '@ebap/adapters/settings';
import { expect, test } from 'vitest';
import { painter } from '../terminal/index.ts';
import { banner } from './banner.ts';

const settings = loadSettings({}, '/srv');
const storage = { usedBytes: 300 * 1024 ** 2, databaseDir: '/var/lib/ebap/ebap-1' };

test('the box names address, logins and how to stop, and is straight', () => {
  const text = banner(settings, { logins: true, apiKey: undefined }, storage, painter(true));
  for (const part of ['http://localhost:3000', 'dana.okafor@', 'Customer Support', 'Ctrl-C', '/srv/.ebap']) {
    expect(text).toContain(part);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences have no width
  const widths = text.split('\n').map((line) => line.replace(/\u001b\[\d+m/g, '').length);
  expect(new Set(widths).size).toBe(1);
});

test('the curl line sends to the events endpoint with the key', () => {
  const text = banner(settings, { logins: false, apiKey: 'ebap_demo_k' }, storage, painter(false));
  expect(text).toContain("curl -s http://localhost:3000/v1/events -H 'content-type: application/json'");
  expect(text).toContain("'authorization: Bearer ebap_demo_k'");
  expect(text).not.toContain('Sign in');
});

test('a database outside the data folder is named, and what is used of the limit', () => {
  const text = banner(settings, { logins: false, apiKey: undefined }, storage, painter(false));
  expect(text).toContain('Database: /var/lib/ebap/ebap-1');
  expect(text).toContain('Disk: 0.29 of 5 GiB used');
  const inside = { ...storage, databaseDir: '/srv/.ebap/postgres' };
  expect(banner(settings, { logins: false, apiKey: undefined }, inside, painter(false))).not.toContain('Database:');
});
