import type { PrismaClient } from '../../generated/prisma/client.ts';
import { guarded } from '../faults.ts';

export interface Workspace {
  /** Slug: lower case letters, digits and underscores; also the name of its lake namespace. */
  readonly id: string;
  readonly name: string;
  /** ISO 4217. */
  readonly currency: string;
  /** IANA time zone. */
  readonly zone: string;
}

export interface Workspaces {
  /** All, by name. */
  list(): Promise<readonly Workspace[]>;
  get(id: string): Promise<Workspace | null>;
  /** @throws AppError `conflict` when the id is taken, `bad_request` when it is no slug. */
  create(workspace: Workspace): Promise<Workspace>;
}

const COLUMNS = { id: true, name: true, currency: true, zone: true } as const;

export function workspacesRepository(prisma: PrismaClient): Workspaces {
  return {
    list: () =>
      guarded('listing workspaces', () => prisma.workspace.findMany({ select: COLUMNS, orderBy: { name: 'asc' } })),
    get: (id) => guarded('reading a workspace', () => prisma.workspace.findUnique({ select: COLUMNS, where: { id } })),
    create: (data) =>
      guarded('creating a workspace', () => prisma.workspace.create({ select: COLUMNS, data: { ...data } })),
  };
}
