/** How to reach the brokers, for every client of this adapter. Secrets come as values, never as paths. */
export interface KafkaSettings {
  /** `host:port` of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Given: TLS. PEM texts; without `ca` the system's authorities decide. */
  readonly tls?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    /** Name in the brokers' certificate when it is not the host they are reached by. */
    readonly servername?: string;
  };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

export type KafkaCompression = 'none' | 'gzip' | 'zstd' | 'lz4';

export interface KafkaEventLogOptions extends KafkaSettings {
  /** Of what this process appends. Default `zstd`. Everything is read, snappy too. */
  readonly compression?: KafkaCompression;
  /** Of topics created here. Default: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number;
  /** Of topics created here. Default: the broker's. */
  readonly minInsyncReplicas?: number;
  /** How long one request may take, and making a connection. Default 5 s. */
  readonly requestTimeoutMs?: number;
  /** How long faults of brokers are borne before a call ends as `unavailable`. Default 10 s. */
  readonly patienceMs?: number;
  /** How long the brokers hold a fetch at the end of the log before they answer. Default 50 ms. */
  readonly pollWaitMs?: number;
  /** Bytes one answer of a broker to a fetch may have (at least one batch). Default 8 MiB. */
  readonly responseMaxBytes?: number;
  /** Check the CRC-32C of every record batch. Default true. */
  readonly checkCrc?: boolean;
}

/** The options with their defaults. */
export type KafkaConfig = Required<
  Omit<KafkaEventLogOptions, 'tls' | 'sasl' | 'replicationFactor' | 'minInsyncReplicas'>
> &
  Pick<KafkaEventLogOptions, 'tls' | 'sasl' | 'replicationFactor' | 'minInsyncReplicas'>;

/** Key, value and headers of one record. */
export const MAX_RECORD_BYTES = 4 * 1024 * 1024;
/** Records of one partition in one append: they travel as one batch, so that their offsets follow without a gap. */
export const MAX_PARTITION_APPEND_BYTES = 16 * 1024 * 1024;

export function withDefaults(options: KafkaEventLogOptions): KafkaConfig {
  return {
    compression: 'zstd',
    requestTimeoutMs: 5_000,
    patienceMs: 10_000,
    pollWaitMs: 50,
    responseMaxBytes: 8 * 1024 * 1024,
    checkCrc: true,
    ...options,
  };
}
