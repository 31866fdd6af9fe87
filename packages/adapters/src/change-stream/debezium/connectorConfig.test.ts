import type { EventLog } from '@ebap/pipeline/ports';
import { expect, test } from 'vitest';
import { connectorConfig, heartbeatTopic } from './connectorConfig.ts';
import { checkOptions, type DebeziumChangeStreamOptions } from './options.ts';

const options = (changes: Partial<DebeziumChangeStreamOptions> = {}): DebeziumChangeStreamOptions => ({
  connect: { url: 'http://connect:8083' },
  connector: 'ebap.users',
  url: 'postgresql://ebap_cdc:p%40ss@db.example:6432/shop%20one?sslmode=verify-full',
  // Not looked at.
  log: {} as EventLog,
  ...{
    topic: 'ebap.cdc.users',
    partitions: 4,
    slot: 'ebap_cdc_users',
    publication: 'ebap_cdc_users',
    tables: ['users'],
  },
  ...changes,
});

test('the source is the one of the address, as Kafka Connect reaches it', () => {
  expect(connectorConfig(options())).toMatchObject({
    'database.hostname': 'db.example',
    'database.port': '6432',
    'database.user': 'ebap_cdc',
    'database.password': 'p@ss',
    'database.dbname': 'shop one',
    'database.sslmode': 'verify-full',
  });
  const fromConnect = { host: 'db.internal', port: 5432, password: `\${file:/run/secrets/source:password}` };
  const config = connectorConfig(options({ fromConnect }));
  expect(config).toMatchObject({
    ...{ 'database.hostname': 'db.internal', 'database.port': '5432', 'database.password': fromConnect.password },
  });
  expect(JSON.stringify(config)).not.toContain('p@ss');
});

test('only the columns listed leave, and only of the tables listed', () => {
  const config = connectorConfig(options({ tables: ['users', 'rates'] }));
  expect(config).toMatchObject({
    'table.include.list': String.raw`public\.users,public\.rates`,
    'message.key.columns': String.raw`public\.users:log_key;public\.rates:log_key`,
  });
  const [users, rates] = (config['column.include.list'] ?? '').split(',').map((regex) => new RegExp(`^(?:${regex})$`));
  expect(users?.test('public.users.log_key')).toBe(true);
  for (const column of ['email', 'display_name', 'log_key2', 'xlog_key'])
    expect(users?.test(`public.users.${column}`)).toBe(false);
  expect(rates?.test('public.rates.rate')).toBe(true);
  expect(rates?.test('public.rates2.rate')).toBe(false);
});

test('changes go to the one topic, heartbeats don’t', () => {
  const config = connectorConfig(options());
  const route = new RegExp(`^(?:${config['transforms.route.regex']})$`);
  expect('ebap.users.public.users'.replace(route, config['transforms.route.replacement'] ?? '')).toBe('ebap.cdc.users');
  expect(route.test(heartbeatTopic('ebap.users'))).toBe(false);
  expect(heartbeatTopic('ebap.users')).toBe(`${config['topic.heartbeat.prefix']}.${config['topic.prefix']}`);
});

test('further settings win', () => {
  const settings = { 'poll.interval.ms': '5', 'database.sslrootcert': '/ca.pem' };
  expect(connectorConfig(options({ settings }))).toMatchObject(settings);
});

test.each([{ slot: 'No-Slot' }, { slot: '' }, { connector: 'a/b' }, { connector: '' }])('%o is refused', (changes) => {
  expect(() => checkOptions(options(changes))).toThrow(expect.objectContaining({ code: 'configuration' }));
});
