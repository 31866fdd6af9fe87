/**
 * The one matrix of who may do what. Navigation, tRPC procedures, socket topics and engine rules are derived from
 * it and tested against it; nothing else decides.
 */
export const ROLES = ['devops', 'product_manager', 'data_analyst', 'customer_support', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const ROLE_TITLES: Readonly<Record<Role, string>> = {
  devops: 'DevOps',
  product_manager: 'Product Manager',
  data_analyst: 'Data Analyst',
  customer_support: 'Customer Support',
  admin: 'Admin',
};

/**
 * What can be permitted. `page:` opens a page, `read:` shows data, `do:` changes something.
 * `read:dead_letters_system`: letters of records whose workspace can't be told, so that they may be anybody's.
 * `read:personal_ids`: user ids as the producer sent them; everybody else gets them masked.
 */
export const PERMISSIONS = [
  'page:live',
  'page:pipeline',
  'read:measures',
  'read:regions',
  'read:events_raw',
  'read:pipeline_status',
  'read:dead_letters',
  'read:dead_letters_system',
  'read:personal_ids',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const MATRIX: Readonly<Record<Permission, readonly Role[]>> = {
  'page:live': ['devops', 'product_manager', 'data_analyst', 'customer_support', 'admin'],
  'page:pipeline': ['devops', 'data_analyst', 'admin'],
  'read:measures': ['devops', 'product_manager', 'data_analyst', 'customer_support', 'admin'],
  'read:regions': ['devops', 'product_manager', 'data_analyst', 'customer_support', 'admin'],
  'read:events_raw': ['data_analyst', 'customer_support', 'admin'],
  'read:pipeline_status': ['devops', 'data_analyst', 'admin'],
  'read:dead_letters': ['data_analyst', 'admin'],
  'read:dead_letters_system': ['admin'],
  'read:personal_ids': ['admin'],
};

/** All permissions of a person with these roles in one workspace, in the order of {@link PERMISSIONS}. */
export function permissionsOf(roles: readonly Role[]): readonly Permission[] {
  return PERMISSIONS.filter((p) => MATRIX[p].some((r) => roles.includes(r)));
}

export function may(roles: readonly Role[], permission: Permission): boolean {
  return MATRIX[permission].some((r) => roles.includes(r));
}
