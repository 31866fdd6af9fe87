import { randomUUID } from 'node:crypto';
import { RAW_EVENT_SCHEMA } from '@ebap/pipeline/contracts';
import { expect, test } from 'vitest';
import { engines } from '../../testing/engines.ts';
import { describeSchemaRegistry } from '../conformance.ts';
import { describeEvolution } from '../evolutionConformance.ts';
import { openConfluentSchemaRegistry } from '../index.ts';

const open = () => openConfluentSchemaRegistry({ url: engines().registryUrl });

describeSchemaRegistry('Confluent REST API', async () => ({ registry: open(), open, dispose: async () => {} }));

describeEvolution('Confluent REST API', async () => open());

test('a subject with a weaker level of its own is tightened when something is registered', async () => {
  const subject = `weak-${randomUUID()}-value`;
  const config = `${engines().registryUrl}/config/${subject}`;
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
  await fetch(config, { method: 'PUT', headers, body: JSON.stringify({ compatibility: 'NONE' }) });
  await open().register(subject, JSON.stringify(RAW_EVENT_SCHEMA));
  expect(await (await fetch(config)).json()).toMatchObject({ compatibilityLevel: 'BACKWARD_TRANSITIVE' });
  await expect(open().register(subject, '"string"')).rejects.toMatchObject({
    code: 'incompatible_schema',
    message: expect.stringContaining(subject),
  });
});
