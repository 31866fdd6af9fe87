import { describe, expect, test } from 'vitest';
import { may, PERMISSIONS, permissionsOf, ROLE_TITLES, ROLES, type Role } from './index.ts';

/** What each role sees, written out once more. */
const EXPECTED: Readonly<Record<Role, readonly string[]>> = {
  devops: ['page:live', 'page:pipeline', 'read:measures', 'read:regions', 'read:pipeline_status'],
  product_manager: ['page:live', 'read:measures', 'read:regions'],
  data_analyst: [
    'page:live',
    'page:pipeline',
    'read:measures',
    'read:regions',
    'read:events_raw',
    'read:pipeline_status',
    'read:dead_letters',
  ],
  customer_support: ['page:live', 'read:measures', 'read:regions', 'read:events_raw'],
  admin: [
    'page:live',
    'page:pipeline',
    'read:measures',
    'read:regions',
    'read:events_raw',
    'read:pipeline_status',
    'read:dead_letters',
    'read:dead_letters_system',
    'read:personal_ids',
  ],
};

describe('the access matrix', () => {
  test.each(ROLES)('gives %s exactly what the role is for', (role) => {
    expect(permissionsOf([role])).toEqual(EXPECTED[role]);
    for (const p of PERMISSIONS) expect(may([role], p)).toBe(EXPECTED[role].includes(p));
  });

  test.each(['product_manager', 'devops'] as const)('keeps raw data from %s', (role) => {
    expect(may([role], 'read:events_raw')).toBe(false);
    expect(may([role], 'read:dead_letters')).toBe(false);
  });

  test.each(['read:dead_letters_system', 'read:personal_ids'] as const)(
    'gives %s to nobody but admins',
    (permission) => {
      expect(ROLES.filter((role) => may([role], permission))).toEqual(['admin']);
    },
  );

  test('gives nothing to a person without a role', () => {
    expect(permissionsOf([])).toEqual([]);
    for (const p of PERMISSIONS) expect(may([], p)).toBe(false);
  });

  test('gives nothing for a name that is no role', () => {
    const stranger = ['root', '__proto__', 'Admin'] as readonly string[] as readonly Role[];
    expect(permissionsOf(stranger)).toEqual([]);
  });

  test('gives several roles together what each gives', () => {
    const both = permissionsOf(['product_manager', 'devops']);
    expect(new Set(both)).toEqual(new Set([...EXPECTED.product_manager, ...EXPECTED.devops]));
    expect(both).toEqual(PERMISSIONS.filter((p) => both.includes(p)));
  });

  test('lets every permission be used by somebody and every page show something', () => {
    for (const p of PERMISSIONS) expect(ROLES.some((r) => may([r], p))).toBe(true);
    for (const r of ROLES) if (may([r], 'page:pipeline')) expect(may([r], 'read:pipeline_status')).toBe(true);
  });

  test('has a title for every role', () => {
    expect(Object.keys(ROLE_TITLES)).toEqual([...ROLES]);
  });
});
