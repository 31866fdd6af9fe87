/** LMDB for the embedded adapters; not for use outside this package. */
export { Environment, type EnvironmentOptions, type Table } from './environment.ts';
export { GroupCommit, type GroupCommitOptions } from './groupCommit.ts';
