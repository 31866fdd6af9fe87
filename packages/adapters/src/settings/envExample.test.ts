import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSettings } from './index.ts';

const EXAMPLE = readFileSync(join(import.meta.dirname, '../../../../.env.example'), 'utf8');

function exampleValues(): Record<string, string> {
  return Object.fromEntries([...EXAMPLE.matchAll(/^(EBAP_\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
}

test('the example names every setting that is read', () => {
  const asked = new Set<string>();
  const recording = new Proxy<Record<string, string>>({}, { get: (_, name) => void asked.add(String(name)) });
  loadSettings(recording);
  const cluster = new Proxy<Record<string, string>>(recording, {
    get: (target, name) => (name === 'EBAP_PROFILE' ? 'cluster' : Reflect.get(target, name)),
  });
  expect(() => loadSettings(cluster)).toThrowError('EBAP_KAFKA_BROKERS is required');
  const missing = [...asked].filter((name) => !name.endsWith('_FILE') && !(name in exampleValues()));
  expect(missing).toEqual([]);
});

test('the example shows the defaults', () => {
  expect(loadSettings(exampleValues(), '/srv')).toEqual(loadSettings({}, '/srv'));
});
