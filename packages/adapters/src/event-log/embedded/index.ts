export { type EmbeddedEventLogOptions, openEmbeddedEventLog } from './embeddedEventLog.ts';
