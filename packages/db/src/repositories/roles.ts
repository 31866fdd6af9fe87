import { ROLES, type Role } from '@ebap/pipeline/access';
import { AppError } from '@ebap/pipeline/errors';

/** A role as it stands in the database. @throws AppError `corrupt_data` for one this version does not know. */
export function asRole(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (role === undefined) throw new AppError('corrupt_data', `A membership has the unknown role ${text}.`);
  return role;
}
