import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import { guarded } from '../faults.ts';

export interface AuditEntry {
  /** Null for what belongs to no workspace, such as a refused login. */
  readonly workspaceId: string | null;
  /** Who did it: a person's id, a key's id, or a part of the platform. */
  readonly actor: string;
  /** For example `login`, `refused`, `key_created`. */
  readonly kind: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export interface PendingAuditEntry extends AuditEntry {
  readonly id: bigint;
  readonly at: Date;
}

/** What has to reach `ebap.audit.logs`: written with the database's durability first, published from here. */
export interface Audit {
  /** Whatever text an entry holds: what the database can't store is replaced by U+FFFD. */
  append(entries: readonly AuditEntry[]): Promise<void>;
  /** The oldest entries not published yet, in order. */
  pending(limit: number): Promise<readonly PendingAuditEntry[]>;
  /** After the log acknowledged them. */
  remove(ids: readonly bigint[]): Promise<void>;
}

export function auditRepository(prisma: PrismaClient): Audit {
  return {
    async append(entries) {
      if (entries.length === 0) return;
      const data = entries.map(storable);
      await guarded('writing the audit trail', () => prisma.auditEntry.createMany({ data }));
    },
    async pending(limit) {
      const rows = await guarded('reading the audit trail', () =>
        prisma.auditEntry.findMany({ orderBy: { id: 'asc' }, take: limit }),
      );
      return rows.map((row) => ({ ...row, detail: asDetail(row.detail) }));
    },
    async remove(ids) {
      await guarded('clearing the audit trail', () =>
        prisma.auditEntry.deleteMany({ where: { id: { in: [...ids] } } }),
      );
    },
  };
}

/**
 * The entry in text that the database can hold: it refuses NUL and lone surrogates, and nothing that somebody sends may
 * keep a refusal out of the trail.
 */
function storable({ workspaceId, actor, kind, detail }: AuditEntry) {
  const details = Object.entries(detail).map(([name, value]) => [
    storableText(name),
    typeof value === 'string' ? storableText(value) : value,
  ]);
  return {
    workspaceId: workspaceId === null ? null : storableText(workspaceId),
    actor: storableText(actor),
    kind: storableText(kind),
    detail: Object.fromEntries(details),
  };
}

function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** Only flat objects are appended; anything else is kept as its text. */
function asDetail(value: Prisma.JsonValue): AuditEntry['detail'] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { value: JSON.stringify(value) };
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      typeof item === 'object' && item !== null ? JSON.stringify(item) : (item ?? null),
    ]),
  );
}
