/** Who may do what. */
export { may, PERMISSIONS, type Permission, permissionsOf, ROLE_TITLES, ROLES, type Role } from './matrix.ts';
