/** The event log: adapters of the port `EventLog` and the suite they all pass. */
export { type EmbeddedEventLogOptions, openEmbeddedEventLog } from './embedded/index.ts';
export { type KafkaEventLogOptions, type KafkaSettings, openKafkaEventLog } from './kafka/index.ts';
