import { ROLES } from '@ebap/pipeline/access';
import { expect, it } from 'vitest';
import { groupOfRole, groupsClaim, parseGroupGrants, rolesOfGroups } from './groupRoles.ts';

const WORKSPACES = ['meridian', 'acme'];

it('a group of a role gives it in every workspace', () => {
  for (const role of ROLES)
    expect(rolesOfGroups([groupOfRole(role)], WORKSPACES)).toEqual({ meridian: [role], acme: [role] });
});

it('a group with a workspace gives the role there alone', () => {
  expect(rolesOfGroups(['/EBAP-Product-Manager@acme', 'ebap-devops@acme'], WORKSPACES)).toEqual({
    acme: ['product_manager', 'devops'],
  });
});

it('other groups and unknown workspaces give nothing', () => {
  expect(rolesOfGroups(['admin', 'ebap-', 'ebap-root', 'ebap-admin@elsewhere', 'xebap-admin'], WORKSPACES)).toEqual({});
});

it('the installation may give roles to groups of other names', () => {
  const { grants, malformed } = parseGroupGrants('CN=BI, DC=x=data_analyst@acme, /SRE=devops, nobody=king, =admin,');
  expect(malformed).toEqual(['CN=BI', 'nobody=king', '=admin']);
  expect(rolesOfGroups(['sre', 'DC=x'], WORKSPACES, grants)).toEqual({
    meridian: ['devops'],
    acme: ['devops', 'data_analyst'],
  });
});

it('the claim may be text, an array, or nothing of use', () => {
  expect(groupsClaim('ebap-admin')).toEqual(['ebap-admin']);
  expect(groupsClaim(['a', 7, null, 'b'])).toEqual(['a', 'b']);
  expect(groupsClaim({ admin: true })).toEqual([]);
});
