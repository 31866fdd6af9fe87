import { expect, test } from 'vitest';
import { packageNames, transferProgress } from './fetchArtifact.ts';

test('the packages that apt would install are read from what it prints', () => {
  const printed = [
    'Reading package lists...',
    'The following NEW packages will be installed:',
    '  libjemalloc2 redis-server',
    "'http://deb.example.org/pool/j/jemalloc/libjemalloc2_5.3.0-1_amd64.deb' libjemalloc2_5.3.0-1_amd64.deb 275000 MD5Sum:1",
    "'http://deb.example.org/pool/r/redis/redis-server_7.0.15-1%7edeb12u10_amd64.deb' redis-server_5%3a7.0.15-1_amd64.deb 73908 ",
  ].join('\n');
  expect(packageNames(printed)).toEqual(['libjemalloc2', 'redis-server']);
});

test('the newest progress of a download is shown', () => {
  expect(transferProgress('Progress (1): 4.1/159 MB\rProgress (1): 17/159 MB\r')).toBe('17/159 MB');
  expect(transferProgress('Progress (2): 1.5/10 MB | 3 kB\r')).toBe('1.5/10 MB');
  expect(transferProgress('Progress (1): 4.1/31 kB\r')).toBeUndefined();
  expect(transferProgress('[INFO] Scanning for projects...')).toBeUndefined();
});
