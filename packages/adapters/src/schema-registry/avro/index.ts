/** Avro schemas as data: Apache Avro 1.12 specification, "Schema Declaration" and "Schema Resolution". */
export { canonicalSchema } from './canonical.ts';
export { compatibilityFaults } from './compatibility.ts';
export { parseSchema } from './parse.ts';
export { type Transcode, transcoder } from './transcode.ts';
export type { AvroType } from './types.ts';
