/** What crosses a process boundary: records on topics, messages on sockets. */
export { DEAD_LETTER_MESSAGES, DEAD_LETTER_REASONS, type DeadLetter, type DeadLetterReason } from './deadLetter.ts';
export {
  ACTIONS,
  type Action,
  GRAIN_MS,
  GRAINS,
  type Grain,
  MONEY_SCALE,
  PLATFORMS,
  type Platform,
  TIERS,
  type Tier,
  UNKNOWN_REGION,
} from './dimensions.ts';
export * from './liveProtocol.ts';
export { type GroupingSet, type Member, memberKey, TOTAL_MEMBER } from './members.ts';
export {
  decodePartial,
  encodePartial,
  PARTIAL_KINDS,
  type PartialGroup,
  type PartialKind,
  type PartialMessage,
  type PartialWorkspace,
} from './partial.ts';
export { murmur2, partitionFor } from './partitioner.ts';
export {
  eventKey,
  MAX_AMOUNT_UNITS,
  MAX_EVENT_BYTES,
  MAX_ID_BYTES,
  RAW_EVENT_SCHEMA,
  type RawEvent,
} from './rawEvent.ts';
export { currencyCode, type DecodeOutcome, decodeRawEvent, platformIndex, RawEventView } from './rawEventDecode.ts';
export { encodeRawEvent } from './rawEventEncode.ts';
export { PARTITIONS, TOPICS, topicSpecs } from './topics.ts';
