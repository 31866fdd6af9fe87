/** The relational store: tables, what they start with, and the repositories over them. */

export { type Db, type DbOptions, openDb } from './db.ts';
export { type MigrateOptions, migrate } from './migrate/migrate.ts';
export type { ApiKeyInfo, ApiKeys, VerifiedKey } from './repositories/apiKeys.ts';
export { type ApiKeyText, newApiKeyText } from './repositories/apiKeyText.ts';
export type { Audit, AuditEntry, PendingAuditEntry } from './repositories/audit.ts';
export type { KeyEncryptionKeys } from './repositories/keyWrapping.ts';
export type { Login, Member, Members, Person } from './repositories/members.ts';
export type { ActionMappingRow, RateRow, Reference, RegionRow } from './repositories/reference.ts';
export type { FoundSession, NewSession, SessionMembership, Sessions } from './repositories/sessions.ts';
export type { SubjectKey, SubjectKeys, SubjectKeysFound } from './repositories/subjectKeys.ts';
export type { User, UserProfile, Users, UserTier } from './repositories/users.ts';
export type { Workspace, Workspaces } from './repositories/workspaces.ts';
export { DEMO_PEOPLE, SEED_REGIONS, SEED_WORKSPACES } from './seed/referenceData.ts';
export { type SeedOptions, seed } from './seed/seed.ts';
