export { openKafkaEventLog } from './kafkaEventLog.ts';
export type { KafkaCompression, KafkaEventLogOptions, KafkaSettings } from './options.ts';
