import { connectSecretsDir, connectUrl } from './engines/connect.ts';
import type { EngineContext } from './engines/context.ts';
import { kafkaCaFile, kafkaPassword } from './engines/kafka.ts';
import type { KafkaUser } from './engines/kafkaProperties.ts';
import { postgresUrl } from './engines/postgres.ts';
import { redisUrl } from './engines/redis.ts';
import { registryUrl } from './engines/registry.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Where the engines of one cluster answer. Holds passwords: never log it. */
export interface ClusterAddresses {
  readonly kafka: {
    /** `host:port`, in the clear, without sign-in; its users may do everything. */
    readonly brokers: readonly string[];
    /** The same broker over TLS with SCRAM-SHA-512, where ACLs decide. */
    readonly saslSsl: {
      readonly brokers: readonly string[];
      /** PEM of the authority that signed the broker's certificate. */
      readonly caFile: string;
      /** May do everything. */
      readonly admin: Credentials;
      /** May do what ACLs grant: nothing at first. */
      readonly service: Credentials;
    };
  };
  readonly registryUrl: string;
  readonly connectUrl: string;
  /** Files in it can be named in a connector's configuration: `${directory:<this folder>:<file>}`. */
  readonly connectSecretsDir: string;
  readonly redisUrl: string;
  /** The customer's database, as a superuser. */
  readonly postgresUrl: string;
  /** The product's own database, as a superuser. */
  readonly platformPostgresUrl: string;
}

export function addressesOf(context: EngineContext): ClusterAddresses {
  const { ports } = context;
  const credentials = (username: KafkaUser): Credentials => ({
    username,
    password: kafkaPassword(context, username),
  });
  return {
    kafka: {
      brokers: [`127.0.0.1:${ports.kafka}`],
      saslSsl: {
        brokers: [`127.0.0.1:${ports.kafkaSaslSsl}`],
        caFile: kafkaCaFile(context),
        admin: credentials('admin'),
        service: credentials('service'),
      },
    },
    registryUrl: registryUrl(context),
    connectUrl: connectUrl(context),
    connectSecretsDir: connectSecretsDir(context),
    redisUrl: redisUrl(context),
    postgresUrl: postgresUrl(context, 'source'),
    platformPostgresUrl: postgresUrl(context, 'platform'),
  };
}
