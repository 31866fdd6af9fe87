import { expect, test } from 'vitest';
import { DEFAULT_PORTS } from '../versions.ts';
import { kafkaProperties } from './kafkaProperties.ts';
import { redisConfig } from './redis.ts';

const KAFKA = kafkaProperties(DEFAULT_PORTS, '/data/logs', {
  keystore: '/data/broker.p12',
  keystorePassword: 'secret',
});

test('every listener of Kafka is on loopback', () => {
  for (const listener of String(KAFKA.listeners).split(',')) expect(listener).toMatch(/^\w+:\/\/127\.0\.0\.1:\d+$/);
});

test('the listener with sign-in decides by ACLs, the local one is for superusers', () => {
  expect(KAFKA).toMatchObject({
    'listener.security.protocol.map': 'BROKER:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
    'listener.name.secure.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'allow.everyone.if.no.acl.found': false,
    'super.users': 'User:ANONYMOUS;User:admin',
  });
});

test('the log is the clock, and topics are made on purpose', () => {
  expect(KAFKA).toMatchObject({ 'log.message.timestamp.type': 'LogAppendTime', 'auto.create.topics.enable': false });
});

test('Redis listens on loopback, asks for its password, keeps a log of writes and evicts nothing', () => {
  const config = redisConfig(6379, '/data with blanks/redis', 'secret').split('\n');
  expect(config).toContain('bind 127.0.0.1');
  expect(config).toContain('requirepass secret');
  expect(config).toContain('dir "/data with blanks/redis"');
  expect(config).toContain('appendonly yes');
  expect(config).toContain('maxmemory-policy noeviction');
});
