import { partitionFor, RAW_EVENT_SCHEMA } from '@ebap/pipeline/contracts';
import type { BatchRecord } from '@ebap/pipeline/ports';
import { TICK_HEADER } from '@ebap/pipeline/ports';
import avro from 'avsc';

const type = avro.Type.forSchema(JSON.parse(JSON.stringify(RAW_EVENT_SCHEMA)) as avro.Schema);
const text = new TextDecoder();

/** A record of the event topic as columns for the oracle, decoded by an Avro library that the pipeline does not use. */
export interface RawRow {
  partition: number;
  offset: number;
  append_ms: number;
  tick: boolean;
  bytes: number | null;
  schema_known: boolean;
  decoded: boolean;
  record_key: string | null;
  key_partition: number;
  workspace: string;
  id: string;
  user_id: string;
  action: string;
  ts: number;
  location: string;
  platform: string;
  amount: number | null;
  currency: string | null;
}

const PLATFORMS = ['web', 'ios', 'android', 'pos'];

interface DecodedEvent {
  readonly workspace_id: string;
  readonly id: string;
  readonly user_id: string;
  readonly action: string;
  readonly timestamp: number;
  readonly location: string;
  readonly metadata: { readonly platform: string; readonly amount: Buffer | null; readonly currency: string | null };
}

export function rawRow(partition: number, partitions: number, schemaId: number, record: BatchRecord): RawRow {
  const { key, value } = record;
  const schemaKnown =
    value !== null && value.length >= 5 && value[0] === 0 && Buffer.from(value).readUInt32BE(1) === schemaId;
  const event = schemaKnown ? decode(value) : null;
  return {
    partition,
    offset: record.offset,
    append_ms: record.appendTimeMs,
    tick: record.headers !== undefined && TICK_HEADER in record.headers,
    bytes: value?.length ?? null,
    schema_known: schemaKnown,
    decoded: event !== null,
    record_key: key === null ? null : text.decode(key),
    key_partition: key === null ? -1 : partitionFor(key, partitions),
    workspace: event?.workspace_id ?? '',
    id: event?.id ?? '',
    user_id: event?.user_id ?? '',
    action: event?.action ?? '',
    ts: event?.timestamp ?? 0,
    location: event?.location ?? '',
    platform: PLATFORMS.find((p) => p === event?.metadata.platform.toLowerCase()) ?? 'other',
    amount: event?.metadata.amount
      ? Number(BigInt.asIntN(64, BigInt(`0x${event.metadata.amount.toString('hex')}`)))
      : null,
    currency: event?.metadata.currency?.toUpperCase() ?? null,
  };
}

function decode(value: Uint8Array): DecodedEvent | null {
  try {
    return type.fromBuffer(Buffer.from(value.subarray(5))) as DecodedEvent;
  } catch {
    return null;
  }
}
