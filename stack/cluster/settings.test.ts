import { expect, test } from 'vitest';
import { engineCacheDir, loadClusterSettings } from './settings.ts';
import { DEFAULT_PORTS } from './versions.ts';

test('data lies in the checkout unless a folder is named', () => {
  expect(loadClusterSettings({}, '/srv/ebap').dataDir).toBe('/srv/ebap/.ebap-cluster');
  expect(loadClusterSettings({ EBAP_DATA_DIR: 'data' }, '/srv/ebap').dataDir).toBe('/srv/ebap/data');
  expect(loadClusterSettings({ EBAP_DATA_DIR: '/mnt/data' }, '/srv/ebap').dataDir).toBe('/mnt/data');
});

test('fetched programs lie where the user keeps caches', () => {
  expect(engineCacheDir({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/ebap/engines');
  expect(engineCacheDir({ XDG_CACHE_HOME: '/var/cache/me', EBAP_ENGINE_CACHE: '/mnt/engines' })).toBe('/mnt/engines');
  expect(engineCacheDir({})).toMatch(/\/\.cache\/ebap\/engines$/);
});

test('one setting moves all ports', () => {
  expect(loadClusterSettings({}, '/').ports).toEqual(DEFAULT_PORTS);
  const { ports } = loadClusterSettings({ EBAP_CLUSTER_PORT_OFFSET: '100' }, '/');
  expect(ports).toMatchObject({ kafka: DEFAULT_PORTS.kafka + 100, connect: DEFAULT_PORTS.connect + 100 });
  expect(() => loadClusterSettings({ EBAP_CLUSTER_PORT_OFFSET: '70000' }, '/')).toThrow(/EBAP_CLUSTER_PORT_OFFSET/);
});
