import { AppError } from '@ebap/pipeline/errors';
import type { EventLog } from '@ebap/pipeline/ports';
import type { HttpEndpoint } from '../../http-client/index.ts';
import type { ChangeTable, ProductTable } from '../postgres-logical/index.ts';

export interface DebeziumChangeStreamOptions {
  /** Kafka Connect's REST API. */
  readonly connect: HttpEndpoint;
  /** Name of the connector; also `source.name` of the envelopes. Letters, digits, `.`, `_` and `-`. */
  readonly connector: string;
  /**
   * The source database as this process reaches it, with the least-privilege role that
   * `infra/kafka-connect/source-database.sql` makes: used to look at the replication slot.
   */
  readonly url: string;
  /** Where the way of Kafka Connect to the source differs from `url`. */
  readonly fromConnect?: {
    readonly host?: string;
    readonly port?: number;
    /**
     * A reference for a config provider of the worker, such as `${file:/run/secrets/source.properties:password}`.
     * Without it the password of `url` goes into the connector's configuration, which Connect keeps in Kafka and shows
     * to whoever may use its REST API.
     */
    readonly password?: string;
  };
  /** The log that Kafka Connect writes to. */
  readonly log: EventLog;
  /** An existing, compacted topic of `partitions` partitions that nobody else writes. */
  readonly topic: string;
  readonly partitions: number;
  /** Names for this stream alone: lower case letters, digits and `_`, at most 63 characters. */
  readonly slot: string;
  /** Made beforehand: the role may not. */
  readonly publication: string;
  /** Each has a column `log_key`, the message key. */
  readonly tables: readonly (ProductTable | ChangeTable)[];
  /** How often a quiet source confirms how far it was read, ms. Default 10,000. */
  readonly heartbeatMs?: number;
  /** Further settings of the connector, such as `database.sslrootcert`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** @throws AppError `configuration` */
export function checkOptions({ connector, slot }: DebeziumChangeStreamOptions): void {
  if (!/^[a-z0-9_]{1,63}$/.test(slot)) throw new AppError('configuration', `"${slot}" can't name a replication slot`);
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(connector))
    throw new AppError('configuration', `"${connector}" can't name a connector and its topics`);
}
