/** The relational store: tables, what they start with, and the repositories over them. */

export { type MigrateOptions, migrate } from './migrate/migrate.ts';
export { DEMO_PEOPLE, SEED_REGIONS, SEED_WORKSPACES } from './seed/referenceData.ts';
export { type SeedOptions, seed } from './seed/seed.ts';
