import { expect, test } from 'vitest';
import { composeFindings } from './composeFile.ts';

const file = (service: string, rest = ''): string => `
services:
  log:
    image: log:1
    healthcheck: { test: [CMD, "true"], interval: 5s }
  web:
    image: web:1
${service.replaceAll(/^/gm, '    ')}
${rest}`;

test('a sound file has no findings', () => {
  const text = file(
    `depends_on: { log: { condition: service_healthy } }
volumes: ["data:/data", "./conf:/conf:ro"]
environment: { KEY: "\${KEY:?set KEY}", PRICE: "5$$", ZONE: "\${ZONE:-UTC}" }`,
    'volumes: { data: }',
  );
  expect(composeFindings(text, { KEY: 'x' })).toEqual([]);
});

test.each([
  ['broken YAML', 'image: [', {}, /not YAML/],
  ['a key that Compose does not know', 'imagine: x', {}, /additional properties.*imagine/],
  ['a value of the wrong kind', 'ports: 80', {}, /\/services\/web\/ports must be array/],
  ['a variable nobody lists', 'command: ["$' + '{NOBODY:?set it}"]', {}, /NOBODY is not set/],
  ['an empty variable that is required', 'command: ["$' + '{KEY:?set it}"]', { KEY: '' }, /KEY is not set/],
  ['a stray dollar', 'command: ["5 $"]', {}, /begins no variable/],
  ['a service that is not there', 'depends_on: [lag]', {}, /names service lag/],
  ['a volume that is not declared', 'volumes: ["data:/data"]', {}, /names volume data/],
  ['a network that is not declared', 'networks: [back]', {}, /names network back/],
  ['a secret that is not declared', 'secrets: [{ source: key }]', {}, /names secret key/],
])('%s is found', (_, service, variables, finding) => {
  expect(composeFindings(file(service), variables).join('\n')).toMatch(finding);
});

test('waiting for the health of a service without a health check is found', () => {
  const text = file('depends_on: { mute: { condition: service_healthy } }', '').replace(
    'services:',
    'services:\n  mute: { image: mute:1 }',
  );
  expect(composeFindings(text, {})).toEqual(['service web waits for the health of mute, which has no health check']);
});
