import type { IncomingMessage } from 'node:http';
import { isAppError } from '@ebap/pipeline/errors';
import { describe, expect, it } from 'vitest';
import { sessionCookieName } from '../../src/server/session/cookies.ts';
import { crossSiteProblem } from '../../src/server/trpc/crossSite.ts';
import { loadWebSettings } from '../env.ts';
import { assertDemoIdentityAllowed } from '../idp/identityProvider.ts';
import { escapeHtml, loginPage } from '../idp/pages.ts';
import { Counter, Histogram, MetricsRegistry } from '../metrics/registry.ts';
import { contentSecurityPolicy } from './contentSecurity.ts';
import { hostCheck } from './hosts.ts';

const requestTo = (host: string | undefined) => ({ headers: { host } }) as IncomingMessage; // all that is looked at

describe('the host of a request', () => {
  const check = hostCheck({ publicUrl: 'http://localhost:3000', port: 3000, isLoopback: true });
  it.each([
    ['localhost:3000', 'own'],
    ['LOCALHOST:3000', 'own'],
    ['127.0.0.1:3000', 'alias'],
    ['[::1]:3000', 'alias'],
    ['localhost:3001', 'foreign'],
    ['evil.example:3000', 'foreign'],
    ['localhost:3000.evil.example', 'foreign'],
    [undefined, 'foreign'],
  ])('%s is %s', (host, verdict) => expect(check(requestTo(host))).toBe(verdict));

  it('has no loopback aliases on a server that others reach', () => {
    const open = hostCheck({ publicUrl: 'https://ebap.example', port: 443, isLoopback: false });
    expect(open(requestTo('ebap.example'))).toBe('own');
    expect(open(requestTo('127.0.0.1:443'))).toBe('foreign');
  });
});

describe('the content security policy', () => {
  const options = { publicUrl: 'https://ebap.example', identityOrigin: 'https://id.example', isDevelopment: false };

  it('allows scripts by nonce alone, no frames, no foreign forms but the sign-in', () => {
    const policy = contentSecurityPolicy('abc', options);
    expect(policy).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' https://id.example");
    expect(policy).toContain("connect-src 'self' wss://ebap.example");
    expect(policy).not.toContain('unsafe-eval');
  });

  it('allows evaluation in development alone', () => {
    expect(contentSecurityPolicy('abc', { ...options, isDevelopment: true })).toContain("'unsafe-eval'");
  });
});

it('the session cookie is bound to the host under https', () => {
  expect([sessionCookieName(true), sessionCookieName(false)]).toEqual(['__Host-ebap-session', 'ebap-session']);
});

describe('a tRPC request', () => {
  const problem = (headers: Record<string, string>, method = 'GET') =>
    crossSiteProblem(new Request('http://localhost:3000/api/trpc/me', { method, headers }), 'http://localhost:3000');

  it('of another site, another origin or another type is refused', () => {
    expect(problem({ 'sec-fetch-site': 'cross-site' })).not.toBeNull();
    expect(problem({ 'sec-fetch-site': 'none' })).not.toBeNull();
    expect(problem({ origin: 'null' })).not.toBeNull();
    expect(problem({ origin: 'http://localhost:3001' })).not.toBeNull();
    expect(problem({ 'content-type': 'text/plain' }, 'POST')).not.toBeNull();
    expect(problem({}, 'POST')).not.toBeNull();
  });

  it('of our own pages passes', () => {
    expect(problem({ 'sec-fetch-site': 'same-origin' })).toBeNull();
    const own = { origin: 'http://localhost:3000', 'content-type': 'application/json; charset=utf-8' };
    expect(problem(own, 'POST')).toBeNull();
  });
});

describe('the demo identity', () => {
  it('is refused in a cluster and on an address that others reach', () => {
    expect(() => assertDemoIdentityAllowed('cluster', true)).toThrow('refused in a cluster');
    expect(() => assertDemoIdentityAllowed('embedded', false)).toThrow('loopback');
    expect(() => assertDemoIdentityAllowed('embedded', true)).not.toThrow();
  });

  it('shows names as text', () => {
    const person = { subject: '"x', name: '<img onerror=alert(1)>', email: '', groups: [], title: "a'b&" };
    expect(loginPage([person], '/idp/interaction/1', 'n')).not.toContain('<img');
    expect(escapeHtml(`<>&"'`)).toBe('&lt;&gt;&amp;&quot;&#39;');
  });
});

describe('the settings', () => {
  const env = {
    NODE_ENV: 'production',
    EBAP_DATABASE_URL: 'postgres://x',
    EBAP_SESSION_SECRET: 's',
    EBAP_KEY_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
    EBAP_OIDC_CLIENT_SECRET: 'c',
  } as const;
  const codeOf = (over: Record<string, string | undefined>) => {
    try {
      loadWebSettings({ ...env, ...over } as NodeJS.ProcessEnv); // a full environment is not needed
      return 'fine';
    } catch (error) {
      return isAppError(error) ? error.code : error;
    }
  };

  it('are refused when a secret is missing or short, or demo access could be reached from elsewhere', () => {
    expect(codeOf({})).toBe('fine');
    expect(codeOf({ EBAP_KEY_ENCRYPTION_KEY: 'short' })).toBe('configuration');
    expect(codeOf({ EBAP_SESSION_SECRET: undefined })).toBe('configuration');
    expect(codeOf({ EBAP_HOST: '0.0.0.0' })).toBe('configuration');
    expect(codeOf({ EBAP_PROFILE: 'cluster' })).toBe('configuration');
    expect(codeOf({ EBAP_GROUP_ROLES: 'SRE=devops' })).toBe('fine');
    expect(codeOf({ EBAP_GROUP_ROLES: 'SRE=king' })).toBe('configuration');
  });
});

it('metrics are OpenMetrics text with escaped labels', () => {
  const registry = new MetricsRegistry();
  registry.add('things', new Counter('Things.')).add(2, { kind: 'a"b\\c\n' });
  registry.add('wait_seconds', new Histogram('Waits.', [0.1, 1])).observeMs(500);
  expect(registry.render()).toBe(
    [
      '# TYPE ebap_things counter',
      '# HELP ebap_things Things.',
      'ebap_things_total{kind="a\\"b\\\\c\\n"} 2',
      '# TYPE ebap_wait_seconds histogram',
      '# HELP ebap_wait_seconds Waits.',
      'ebap_wait_seconds_bucket{le="0.1"} 0',
      'ebap_wait_seconds_bucket{le="1"} 1',
      'ebap_wait_seconds_bucket{le="+Inf"} 1',
      'ebap_wait_seconds_sum 0.5',
      'ebap_wait_seconds_count 1',
      '# EOF',
      '',
    ].join('\n'),
  );
});
