import { inject } from 'vitest';

/** Where the real engines listen that the project `cluster` tests against. Each test makes names of its own in them. */
export interface EngineAddresses {
  readonly kafka: {
    /** `host:port`, without encryption or sign-in. */
    readonly brokers: readonly string[];
    /** The same brokers over TLS with SCRAM-SHA-512, where ACLs decide. */
    readonly saslSsl: {
      readonly brokers: readonly string[];
      /** Certificate of the authority that signed the brokers'. */
      readonly caFile: string;
      /** May do everything. */
      readonly admin: Credentials;
      /** Known, with no rights but those that a test grants. */
      readonly service: Credentials;
    };
  };
  /** Base address of the Confluent REST API, without a trailing slash. */
  readonly registryUrl: string;
  /** Base address of Kafka Connect's REST API. */
  readonly connectUrl: string;
  /** `redis://…` */
  readonly redisUrl: string;
  /** A PostgreSQL server (`wal_level=logical`), as a superuser: tests make databases and roles of their own. */
  readonly postgresUrl: string;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    engines: EngineAddresses;
  }
}

/** The engines of this run: call it inside a test or hook of a `*.cluster.test.ts`. */
export function engines(): EngineAddresses {
  return inject('engines');
}
