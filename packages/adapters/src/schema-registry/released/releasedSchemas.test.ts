import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RAW_EVENT_SCHEMA } from '@ebap/pipeline/contracts';
import { expect, test } from 'vitest';
import { canonicalSchema, compatibilityFaults, parseSchema } from '../index.ts';

/** The subjects and this build's schema of each; `<subject>.<n>.json` beside this file are the released versions. */
const CURRENT: Readonly<Record<string, object>> = { 'ebap.events.raw-value': RAW_EVENT_SCHEMA };

function released(subject: string): readonly string[] {
  const files = readdirSync(import.meta.dirname).filter((file) => file.startsWith(`${subject}.`));
  const version = (file: string): number => Number(file.split('.').at(-2));
  return files
    .sort((a, b) => version(a) - version(b))
    .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'));
}

test.each(Object.keys(CURRENT))('this build of %s reads what every released version wrote', (subject) => {
  const reader = parseSchema(JSON.stringify(CURRENT[subject]));
  const versions = released(subject);
  expect(versions.length).toBeGreaterThan(0);
  for (const version of versions) expect(compatibilityFaults(reader, parseSchema(version))).toEqual([]);
});

test.each(Object.keys(CURRENT))(
  'this build’s schema of %s is the newest released one: a change comes with a file',
  (subject) => {
    expect(canonicalSchema(JSON.stringify(CURRENT[subject]))).toBe(canonicalSchema(released(subject).at(-1) ?? ''));
  },
);
