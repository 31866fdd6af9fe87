/** State segments: how operators write and read what survives a restart. */
export { f64, requireSection, u8, u32 } from './columns.ts';
export { type Column, decodeSections, encodeSections, type Section, STATE_FORMAT_VERSION } from './sections.ts';
export type { SnapshotSink, SnapshotSource } from './snapshot.ts';
