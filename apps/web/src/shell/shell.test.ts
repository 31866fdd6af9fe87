import { permissionsOf, ROLES } from '@ebap/pipeline/access';
import { describe, expect, it } from 'vitest';
import { localPath, signInNotice } from '../features/session/signInNotice.ts';
import { topicPanelState } from '../live/panelState.ts';
import { liveStatus } from './LiveStatus.tsx';
import { PAGES, pagesFor } from './pages.ts';

describe('navigation', () => {
  it('shows a role the pages it may open, and no other', () => {
    const seen = Object.fromEntries(
      ROLES.map((role) => [role, pagesFor(permissionsOf([role])).map((page) => page.href)]),
    );
    expect(seen).toEqual({
      devops: ['/live', '/pipeline'],
      product_manager: ['/live'],
      data_analyst: ['/live', '/pipeline'],
      customer_support: ['/live'],
      admin: ['/live', '/pipeline'],
    });
  });

  it('addresses are unique', () => expect(new Set(PAGES.map((page) => page.href)).size).toBe(PAGES.length));
});

describe('sign-in', () => {
  it('tells known reasons only: the address is anyone’s to write', () => {
    expect(signInNotice({ reason: 'expired' })).toContain('time limit');
    expect(signInNotice({ reason: 'Call +1 555 to unlock' })).toBeNull();
    expect(signInNotice({ error: '<script>' })).toBe('The sign-in failed. Try again.');
    expect(signInNotice({})).toBeNull();
  });

  it.each([
    ['/pipeline?panel=cdc', '/pipeline?panel=cdc'],
    ['https://evil.example/x', '/live'],
    ['//evil.example', '/live'],
    ['/\\evil.example', '/live'],
    ['javascript:alert(1)', '/live'],
    [undefined, '/live'],
  ])('returns from %s to %s', (wanted, path) => expect(localPath(wanted)).toBe(path));
});

describe('how live the page is', () => {
  const calm = { isConnected: true, notice: null, isFixed: false, nowMs: 5_000, asOfMs: 3_600 };

  it('says by how much it trails', () => expect(liveStatus(calm)).toEqual({ kind: 'live', detail: '1 s behind' }));

  it('is not called live once its numbers are stale', () =>
    expect(liveStatus({ ...calm, nowMs: 324_000, asOfMs: 0 })).toEqual({
      kind: 'delayed',
      detail: '5\u00a0min 24\u00a0s behind',
    }));

  it('a clock ahead of ours is not a negative delay', () =>
    expect(liveStatus({ ...calm, asOfMs: 9_000 })).toEqual({ kind: 'live', detail: '0 s behind' }));

  it('is not called live while the shell tells of an outage that stops it, however fresh the numbers still are', () => {
    const stopped = { ...calm, isStopped: true, notice: 'store away' };
    expect(liveStatus(stopped)).toMatchObject({ kind: 'delayed', detail: expect.stringMatching(/ behind$/) });
    expect(liveStatus({ ...stopped, isConnected: false }).kind).toBe('reconnecting');
  });

  it('being cut off outweighs all else, then what the server says, then a fixed range', () => {
    expect(liveStatus({ ...calm, isConnected: false, isFixed: true }).kind).toBe('reconnecting');
    expect(liveStatus({ ...calm, notice: 'store away', isFixed: true })).toEqual({
      kind: 'reconnecting',
      detail: 'store away',
    });
    expect(liveStatus({ ...calm, isFixed: true }).kind).toBe('paused');
  });
});

describe('panel state', () => {
  const refusal = { code: 'unavailable' as const, message: 'The store is away.' };
  const retry = () => undefined;

  it('data stays when a refresh fails', () => {
    expect(topicPanelState({ hasData: true, refusal, retry })).toMatchObject({
      kind: 'ready',
      problem: { message: 'The store is away. The last data is kept.' },
    });
  });

  it('without data a fault is the panel, and a forbidden one says so', () => {
    expect(topicPanelState({ hasData: false, refusal, retry }).kind).toBe('error');
    expect(topicPanelState({ hasData: true, refusal: { ...refusal, code: 'forbidden' }, retry }).kind).toBe(
      'forbidden',
    );
    expect(topicPanelState({ hasData: false, refusal: null, retry }).kind).toBe('loading');
  });
});
