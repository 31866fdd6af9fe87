/** What runs: versions, where it is fetched from, where it listens and how much memory it may take. */

export const KAFKA_VERSION = '4.3.1';
export const REGISTRY_VERSION = '3.3.3';
export const DEBEZIUM_VERSION = '3.6.3.Final';

/** Trino, of the same cluster, is built for this one; the registry needs 21. */
export const OLDEST_JAVA = 24;

export const ENGINE_NAMES = ['platform', 'source', 'redis', 'kafka', 'registry', 'connect'] as const;
/** `platform` is the product's own PostgreSQL, `source` the customer's database that changes are captured from. */
export type EngineName = (typeof ENGINE_NAMES)[number];

/** Something to fetch once into the engine cache. */
export type Artifact = {
  /** Folder in the cache; names the version too. */
  readonly name: string;
  readonly title: string;
} & (
  | {
      readonly kind: 'classpath';
      /** Maven coordinates; the jars they need at run time come with them. */
      readonly coordinates: readonly string[];
    }
  | {
      readonly kind: 'archive';
      /** Maven coordinates of a tar.gz, which is unpacked. */
      readonly coordinates: string;
    }
  | {
      readonly kind: 'debian';
      /** The packages and those they need that this system does not have are unpacked side by side. */
      readonly packages: readonly string[];
    }
);

/** Writes the engines' warnings to their standard error. */
const SIMPLE_LOGGER = 'org.slf4j:slf4j-simple:1.7.36';

export const KAFKA_JARS: Artifact = {
  kind: 'classpath',
  name: `kafka-${KAFKA_VERSION}`,
  title: `Apache Kafka ${KAFKA_VERSION} (44 MB)`,
  coordinates: [`org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`, SIMPLE_LOGGER],
};
export const CONNECT_JARS: Artifact = {
  kind: 'classpath',
  name: `connect-${KAFKA_VERSION}`,
  title: `Kafka Connect ${KAFKA_VERSION} (33 MB)`,
  coordinates: [
    `org.apache.kafka:connect-runtime:${KAFKA_VERSION}`,
    `org.apache.kafka:connect-json:${KAFKA_VERSION}`,
    `org.apache.kafka:connect-transforms:${KAFKA_VERSION}`,
    SIMPLE_LOGGER,
  ],
};
export const DEBEZIUM_PLUGIN: Artifact = {
  kind: 'archive',
  name: `debezium-postgres-${DEBEZIUM_VERSION}`,
  title: `Debezium for PostgreSQL ${DEBEZIUM_VERSION} (5 MB)`,
  coordinates: `io.debezium:debezium-connector-postgres:${DEBEZIUM_VERSION}:tar.gz:plugin`,
};
export const REGISTRY_APP: Artifact = {
  kind: 'archive',
  name: `apicurio-registry-${REGISTRY_VERSION}`,
  title: `Apicurio Registry ${REGISTRY_VERSION} (159 MB)`,
  coordinates: `io.apicurio:apicurio-registry-app:${REGISTRY_VERSION}:tar.gz:all`,
};
export const REDIS_PACKAGES: Artifact = {
  kind: 'debian',
  name: `redis-debian-${process.arch}`,
  title: 'Redis, from the packages of this system (1.4 MB)',
  packages: ['redis-server', 'redis-tools'],
};

/** Ports on 127.0.0.1. */
export interface ClusterPorts {
  readonly platform: number;
  readonly source: number;
  readonly redis: number;
  readonly kafka: number;
  /** Kafka's listener with TLS and sign-in. */
  readonly kafkaSaslSsl: number;
  readonly kafkaController: number;
  readonly registry: number;
  readonly registryManagement: number;
  readonly connect: number;
}

/** Beside the well-known ones, so that engines of other projects are not in the way. */
export const DEFAULT_PORTS: ClusterPorts = {
  platform: 15432,
  source: 15433,
  redis: 16379,
  kafka: 19092,
  kafkaSaslSsl: 19094,
  kafkaController: 19093,
  registry: 18081,
  registryManagement: 18082,
  connect: 18083,
};

/** Most a JVM's heap may hold, in MiB. */
export type HeapSizes = Readonly<Record<'kafka' | 'registry' | 'connect', number>>;

export const DEFAULT_HEAP_MIB: HeapSizes = { kafka: 512, registry: 384, connect: 384 };
