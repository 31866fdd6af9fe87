import { expect, it } from 'vitest';
import { readCookie } from './cookies.ts';
import { type Membership, principalIn } from './principal.ts';

const person = { id: 'p', name: 'Ada', email: 'ada@example.test' };
const memberships: readonly Membership[] = [
  { workspace: { id: 'acme', name: 'Acme' }, roles: ['devops'] },
  { workspace: { id: 'meridian', name: 'Meridian' }, roles: ['admin'] },
];

it('a person works in the workspace they want, with the roles they have there', () => {
  const principal = principalIn('s', person, memberships, 'meridian');
  expect(principal?.roles).toEqual(['admin']);
  expect(principal?.permissions).toContain('read:dead_letters');
});

it('a workspace they are no member of opens their first one instead', () => {
  expect(principalIn('s', person, memberships, 'forged')?.workspace.id).toBe('acme');
});

it('a person without any role is nobody', () => {
  expect(principalIn('s', person, [], 'acme')).toBeNull();
  expect(principalIn('s', person, [{ workspace: { id: 'acme', name: 'Acme' }, roles: [] }], 'acme')).toBeNull();
});

it('one cookie is read out of many, and a malformed one is none', () => {
  expect(readCookie('a=1; ebap-workspace=me%20ridian;b=2', 'ebap-workspace')).toBe('me ridian');
  expect(readCookie('xebap-workspace=1', 'ebap-workspace')).toBeNull();
  expect(readCookie('a=%E0%A4%A', 'a')).toBeNull();
  expect(readCookie(undefined, 'a')).toBeNull();
});
