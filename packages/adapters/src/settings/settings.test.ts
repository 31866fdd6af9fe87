import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLoopback, loadSettings } from './index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebap-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CLUSTER = {
  EBAP_PROFILE: 'cluster',
  EBAP_OIDC_ISSUER: 'https://id.example',
  EBAP_OIDC_CLIENT_SECRET: 'a',
  EBAP_DATABASE_URL: 'postgres://db/ebap',
  EBAP_SESSION_SECRET: 'b',
  EBAP_KEY_ENCRYPTION_KEY: 'c',
  EBAP_KAFKA_BROKERS: 'kafka-1:9092,kafka-2:9092',
  EBAP_SCHEMA_REGISTRY_URL: 'http://registry:8081',
  EBAP_REDIS_URL: 'redis://redis:6379',
  EBAP_CONNECT_URL: 'http://connect:8083',
};

describe('an empty environment', () => {
  test('is the embedded profile on loopback with the demo on', () => {
    expect(loadSettings({}, '/srv')).toMatchObject({
      profile: 'embedded',
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      internalPort: 3001,
      workerInternalPort: 3002,
      dataDir: '/srv/.ebap',
      dataLimitBytes: 5 * 1024 ** 3,
      simulatorEventsPerSecond: 50,
      demoLogins: true,
      demoKeyEnabled: true,
      oidc: { issuer: 'http://localhost:3000/idp', clientId: 'ebap-web' },
    });
  });

  test('treats a variable without a value as unset', () => {
    expect(loadSettings({ EBAP_PORT: '', EBAP_SIMULATOR: ' ' }, '/srv').port).toBe(3000);
  });
});

describe('values', () => {
  test('another port moves the internal ports and the public address along', () => {
    const { publicUrl, internalPort, workerInternalPort } = loadSettings({ EBAP_PORT: '8080' });
    expect({ publicUrl, internalPort, workerInternalPort }).toEqual({
      publicUrl: 'http://localhost:8080',
      internalPort: 8081,
      workerInternalPort: 8082,
    });
  });

  test('a public address loses its trailing slash', () => {
    expect(loadSettings({ EBAP_PUBLIC_URL: 'https://ebap.example/' }).publicUrl).toBe('https://ebap.example');
  });

  test('the simulator is a rate or off', () => {
    expect(loadSettings({ EBAP_SIMULATOR: 'off' }).simulatorEventsPerSecond).toBe(0);
    expect(loadSettings({ EBAP_SIMULATOR: '2.5' }).simulatorEventsPerSecond).toBe(2.5);
  });

  test.each([
    ['EBAP_PORT', '0', 'EBAP_PORT must be a whole number from 1 to 65533, not "0".'],
    ['EBAP_PORT', '3e3', 'EBAP_PORT must be a whole number from 1 to 65533, not "3e3".'],
    ['EBAP_SIMULATOR', 'fast', 'EBAP_SIMULATOR must be "off" or a number up to 20000, not "fast".'],
    ['EBAP_SIMULATOR', '-1', 'EBAP_SIMULATOR must be "off" or a number up to 20000, not "-1".'],
    ['EBAP_PROFILE', 'prod', 'EBAP_PROFILE must be "embedded" or "cluster", not "prod".'],
    ['EBAP_PUBLIC_URL', 'ebap.example', 'must be an address that starts with http:// or https://'],
    ['EBAP_INTERNAL_PORT', '3000', 'must differ'],
  ])('%s=%s is refused by name', (name, value, message) => {
    expect(() => loadSettings({ [name]: value })).toThrow(message);
  });

  test('every mistake is named at once', () => {
    expect(() => loadSettings({ EBAP_PORT: 'x', EBAP_SIMULATOR: 'y' })).toThrow(/EBAP_PORT.*\n.*EBAP_SIMULATOR/);
  });
});

describe('secrets', () => {
  test('come from a file, without its line end', () => {
    const file = join(folder, 'key');
    writeFileSync(file, 'ebap_demo_1\n');
    expect(loadSettings({ EBAP_DEMO_API_KEY_FILE: file }).secrets.demoApiKey).toBe('ebap_demo_1');
  });

  test('given twice are refused without being shown', () => {
    const load = () => loadSettings({ EBAP_SESSION_SECRET: 'hunter2', EBAP_SESSION_SECRET_FILE: '/x' });
    expect(load).toThrow('EBAP_SESSION_SECRET and EBAP_SESSION_SECRET_FILE are both set: keep one.');
    expect(load).not.toThrow('hunter2');
  });

  test('of an empty or missing file are refused', () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, '\n');
    expect(() => loadSettings({ EBAP_SESSION_SECRET_FILE: empty })).toThrow('is empty');
    expect(() => loadSettings({ EBAP_SESSION_SECRET_FILE: join(folder, 'none') })).toThrow('cannot be read (ENOENT)');
  });

  test('"off" is no demo key', () => {
    const settings = loadSettings({ EBAP_DEMO_API_KEY: 'off', EBAP_DEMO_API_KEY_ACME: 'k' });
    expect(settings.demoKeyEnabled).toBe(false);
    expect(settings.secrets).toMatchObject({ demoApiKey: undefined, demoApiKeyAcme: undefined });
  });
});

describe('exposure', () => {
  test.each(['0.0.0.0', '::', '192.168.1.5', 'ebap.example', '127.0.0.1.example'])(
    'host %s is refused while demo logins or the demo key are on',
    (host) => {
      expect(() => loadSettings({ EBAP_HOST: host })).toThrow('Set EBAP_DEMO_LOGINS=off and EBAP_DEMO_API_KEY=off');
      expect(() => loadSettings({ EBAP_HOST: host, EBAP_DEMO_LOGINS: 'off' })).toThrow('Set EBAP_DEMO_API_KEY=off');
      const closed = { EBAP_HOST: host, EBAP_DEMO_LOGINS: 'off', EBAP_DEMO_API_KEY: 'off' };
      expect(loadSettings(closed).host).toBe(host);
    },
  );

  test.each(['127.0.0.1', '127.8.0.1', '::1', 'localhost'])('%s is loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
});

describe('the cluster profile', () => {
  test('has no demo identity and no simulator of its own', () => {
    expect(loadSettings(CLUSTER)).toMatchObject({
      demoLogins: false,
      demoKeyEnabled: false,
      simulatorEventsPerSecond: 0,
      secrets: { databaseUrl: 'postgres://db/ebap' },
    });
  });

  test('refuses demo logins', () => {
    expect(() => loadSettings({ ...CLUSTER, EBAP_DEMO_LOGINS: 'on' })).toThrow('EBAP_DEMO_LOGINS=on is refused');
  });

  test.each(Object.keys(CLUSTER).slice(1))('requires %s', (name) => {
    expect(() => loadSettings({ ...CLUSTER, [name]: undefined })).toThrow(name);
  });

  test('names its engines', () => {
    expect(loadSettings(CLUSTER).cluster).toMatchObject({
      kafka: { brokers: ['kafka-1:9092', 'kafka-2:9092'], tls: false, sasl: 'off', compression: 'zstd' },
      registry: { url: 'http://registry:8081' },
      redis: { mode: 'single', url: 'redis://redis:6379' },
      capture: { connect: { url: 'http://connect:8083' }, sourceDatabaseUrl: undefined },
    });
  });

  test('finds Redis through Sentinels or as a Cluster', () => {
    const redis = (env: object) => loadSettings({ ...CLUSTER, EBAP_REDIS_URL: undefined, ...env }).cluster?.redis;
    const sentinels = { EBAP_REDIS_SENTINELS: 'a:1,[::1]:2', EBAP_REDIS_SENTINEL_PASSWORD: 'p' };
    expect(redis({ ...sentinels, EBAP_REDIS_MASTER_NAME: 'm' })).toMatchObject({
      mode: 'sentinel',
      nodes: ['a:1', '[::1]:2'],
      masterName: 'm',
      sentinel: { username: undefined, password: 'p' },
    });
    expect(redis({ EBAP_REDIS_CLUSTER_NODES: 'a:1' })).toMatchObject({ mode: 'cluster', nodes: ['a:1'] });
  });

  test.each([
    ['two ways to Redis', { EBAP_REDIS_SENTINELS: 'a:1' }, 'needs one of EBAP_REDIS_URL'],
    ['an address without a port', { EBAP_KAFKA_BROKERS: 'kafka' }, 'must be a list of host:port, not "kafka"'],
    ['a sign-in without a name', { EBAP_KAFKA_SASL: 'scram-sha-512' }, 'needs EBAP_KAFKA_USERNAME'],
    [
      'a password in the clear over an open line',
      { EBAP_KAFKA_SASL: 'plain', EBAP_KAFKA_USERNAME: 'a', EBAP_KAFKA_PASSWORD: 'b' },
      'needs EBAP_KAFKA_TLS=on',
    ],
    [
      'half a sign-in',
      { EBAP_CONNECT_USERNAME: 'a' },
      'EBAP_CONNECT_USERNAME and EBAP_CONNECT_PASSWORD belong together',
    ],
    [
      'a certificate that is not there',
      { EBAP_KAFKA_CA_FILE: '/nowhere.pem' },
      'EBAP_KAFKA_CA_FILE: the file /nowhere.pem',
    ],
    ['an address that is none', { EBAP_REDIS_URL: 'redis:6379' }, 'must start with redis:// or rediss://'],
  ])('refuses %s', (_, env, message) => {
    expect(() => loadSettings({ ...CLUSTER, ...env })).toThrow(message);
  });
});
