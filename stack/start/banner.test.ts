import { loadSettings } from '@ebap/adapters/settings';
import { expect, test } from 'vitest';
import { painter } from '../terminal/index.ts';
import { banner } from './banner.ts';

const settings = loadSettings({}, '/srv');

test('the box names address, logins and how to stop, and is straight', () => {
  const text = banner(settings, { logins: true, apiKey: undefined }, painter(true));
  for (const part of ['http://localhost:3000', 'dana.okafor@', 'Customer Support', 'Ctrl-C', '/srv/.ebap']) {
    expect(text).toContain(part);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences have no width
  const widths = text.split('\n').map((line) => line.replace(/\u001b\[\d+m/g, '').length);
  expect(new Set(widths).size).toBe(1);
});

test('the curl line sends to the events endpoint with the key', () => {
  const text = banner(settings, { logins: false, apiKey: 'ebap_demo_k' }, painter(false));
  expect(text).toContain("curl -s http://localhost:3000/v1/events -H 'content-type: application/json'");
  expect(text).toContain("'authorization: Bearer ebap_demo_k'");
  expect(text).not.toContain('Sign in');
});
