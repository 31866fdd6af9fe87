import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from './env.ts';

describe('settings', () => {
  it('have defaults for all but the key', () => {
    expect(readSettings({ EBAP_DEMO_API_KEY: 'k' })).toEqual({
      eventsPerSecond: 50,
      url: 'http://127.0.0.1:3000',
      apiKeys: { meridian: 'k' },
      databaseUrl: undefined,
      seed: 1,
      scenarios: [],
      controlFile: join('.ebap', 'simulator.json'),
      logLevel: 'info',
    });
  });

  it('take secrets from files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ebap-simulator-'));
    writeFileSync(join(folder, 'key'), 'from-file\n');
    const settings = readSettings({ EBAP_DEMO_API_KEY: 'k', EBAP_DEMO_API_KEY_ACME_FILE: join(folder, 'key') });
    rmSync(folder, { recursive: true });
    expect(settings.apiKeys).toEqual({ meridian: 'k', acme: 'from-file' });
  });

  it('off needs nothing else', () => {
    expect(readSettings({ EBAP_SIMULATOR: 'off' }).eventsPerSecond).toBe(0);
  });

  it('scenarios stand side by side', () => {
    const settings = readSettings({ EBAP_DEMO_API_KEY: 'k', EBAP_SIMULATOR_SCENARIO: 'silence@5; ios-release' });
    expect(settings.scenarios).toEqual(['silence@5', 'ios-release']);
  });

  it.each([
    [{}, /EBAP_DEMO_API_KEY/],
    [{ EBAP_DEMO_API_KEY: 'off' }, /EBAP_DEMO_API_KEY/],
    [{ EBAP_DEMO_API_KEY: 'k', EBAP_SIMULATOR: '20001' }, /EBAP_SIMULATOR/],
    [{ EBAP_DEMO_API_KEY: 'k', EBAP_SIMULATOR: 'fast' }, /EBAP_SIMULATOR/],
    [{ EBAP_DEMO_API_KEY: 'k', EBAP_SIMULATOR_SEED: '-1' }, /SEED/],
    [{ EBAP_DEMO_API_KEY: 'k', EBAP_PUBLIC_URL: 'here' }, /URL/],
    [{ EBAP_DEMO_API_KEY_FILE: '/nonexistent/key' }, /cannot be read/],
  ])('%j is refused', (env, problem) => {
    expect(() => readSettings(env)).toThrow(problem);
  });
});
