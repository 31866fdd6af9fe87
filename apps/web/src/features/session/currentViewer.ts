import { cache } from 'react';
import { services } from '../../server/services.ts';
import { requestPrincipal } from '../../server/session/requestPrincipal.ts';
import type { ViewerOutcome } from './viewer.ts';

/** Who asks, from the session of this request; asked once however many parts of a page want to know. */
export const currentViewer = cache(async (): Promise<ViewerOutcome> => {
  const outcome = await requestPrincipal();
  switch (outcome.kind) {
    case 'signed_out':
      return outcome;
    case 'no_role': {
      const { name, email } = outcome.person;
      return { kind: 'no_role', person: { name, email }, groups: outcome.groups };
    }
    case 'principal': {
      const { person, workspace, workspaces, roles, permissions } = outcome.principal;
      return {
        kind: 'viewer',
        viewer: {
          person: { name: person.name, email: person.email },
          workspace,
          workspaces,
          roles,
          permissions,
          engines: services().engines,
        },
      };
    }
  }
});
