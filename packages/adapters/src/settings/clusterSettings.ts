import type { EnvironmentReader } from './environment.ts';

/** Where the engines of the cluster profile are, and how to sign in to them. */
export interface ClusterSettings {
  readonly kafka: KafkaEngineSettings;
  readonly registry: { readonly url: string } & SignIn;
  readonly redis: RedisEngineSettings;
  readonly capture: CaptureSettings;
}

/** Both undefined, or neither. */
export interface SignIn {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

export interface KafkaEngineSettings extends SignIn {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly tls: boolean;
  /** PEM of the authority to trust; undefined = the system's. */
  readonly ca: string | undefined;
  readonly sasl: 'off' | 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly compression: 'none' | 'gzip' | 'zstd' | 'lz4';
  /** Of topics made here; undefined = the brokers' default. */
  readonly replicationFactor: number | undefined;
  readonly minInsyncReplicas: number | undefined;
}

export interface RedisEngineSettings extends SignIn {
  readonly mode: 'single' | 'sentinel' | 'cluster';
  /** Of one server. May hold a password. */
  readonly url: string | undefined;
  /** `host:port` of Sentinels or of nodes of a Cluster. */
  readonly nodes: readonly string[];
  /** What the Sentinels call the master. */
  readonly masterName: string;
  /** At the Sentinels, which know users of their own. */
  readonly sentinel: SignIn;
  readonly tls: boolean;
  readonly ca: string | undefined;
}

/** Change capture of the profiles and of the product's reference tables. */
export interface CaptureSettings {
  /** Kafka Connect's REST API. */
  readonly connect: { readonly url: string } & SignIn;
  /** The customer's database that holds `users`; undefined = the product's own. */
  readonly sourceDatabaseUrl: string | undefined;
  /** The product's own database as a role that may replicate; undefined = `EBAP_DATABASE_URL`. */
  readonly referenceDatabaseUrl: string | undefined;
  /** What Kafka Connect takes for the passwords: references for its config provider. Undefined = the passwords themselves. */
  readonly sourcePasswordReference: string | undefined;
  readonly referencePasswordReference: string | undefined;
}

/** Reads the engines' settings, and notes what is missing or wrong. */
export function readClusterSettings(read: EnvironmentReader): ClusterSettings {
  return { kafka: readKafka(read), registry: readRegistry(read), redis: readRedis(read), capture: readCapture(read) };
}

function readKafka(read: EnvironmentReader): KafkaEngineSettings {
  const sasl = read.oneOf('EBAP_KAFKA_SASL', ['off', 'plain', 'scram-sha-256', 'scram-sha-512'], 'off');
  const settings = {
    brokers: read.addresses('EBAP_KAFKA_BROKERS'),
    tls: read.oneOf('EBAP_KAFKA_TLS', ['on', 'off'], 'off') === 'on',
    ca: read.file('EBAP_KAFKA_CA_FILE'),
    sasl,
    ...signIn(read, 'EBAP_KAFKA'),
    compression: read.oneOf('EBAP_KAFKA_COMPRESSION', ['none', 'gzip', 'zstd', 'lz4'], 'zstd'),
    replicationFactor: countOrDefault(read, 'EBAP_KAFKA_REPLICATION_FACTOR'),
    minInsyncReplicas: countOrDefault(read, 'EBAP_KAFKA_MIN_INSYNC_REPLICAS'),
  };
  if (settings.brokers.length === 0) read.problem('EBAP_KAFKA_BROKERS is required in the cluster profile: host:port,…');
  if (sasl !== 'off' && settings.username === undefined)
    read.problem(`EBAP_KAFKA_SASL=${sasl} needs EBAP_KAFKA_USERNAME and EBAP_KAFKA_PASSWORD.`);
  if (sasl === 'plain' && !settings.tls)
    read.problem('EBAP_KAFKA_SASL=plain sends the password as it is: it needs EBAP_KAFKA_TLS=on.');
  return settings;
}

function readRegistry(read: EnvironmentReader): ClusterSettings['registry'] {
  return {
    url: requiredUrl(read, 'EBAP_SCHEMA_REGISTRY_URL'),
    ...signIn(read, 'EBAP_SCHEMA_REGISTRY'),
  };
}

function readRedis(read: EnvironmentReader): RedisEngineSettings {
  const url = read.secret('EBAP_REDIS_URL');
  const sentinels = read.addresses('EBAP_REDIS_SENTINELS');
  const nodes = read.addresses('EBAP_REDIS_CLUSTER_NODES');
  const ways = [url !== undefined, sentinels.length > 0, nodes.length > 0].filter(Boolean).length;
  if (ways !== 1)
    read.problem('The cluster profile needs one of EBAP_REDIS_URL, EBAP_REDIS_SENTINELS and EBAP_REDIS_CLUSTER_NODES.');
  if (url !== undefined && !/^rediss?:\/\/./.test(url))
    read.problem('EBAP_REDIS_URL must start with redis:// or rediss://.');
  return {
    mode: nodes.length > 0 ? 'cluster' : sentinels.length > 0 ? 'sentinel' : 'single',
    url,
    nodes: nodes.length > 0 ? nodes : sentinels,
    masterName: read.text('EBAP_REDIS_MASTER_NAME', 'mymaster'),
    sentinel: signIn(read, 'EBAP_REDIS_SENTINEL'),
    ...signIn(read, 'EBAP_REDIS'),
    tls: read.oneOf('EBAP_REDIS_TLS', ['on', 'off'], 'off') === 'on',
    ca: read.file('EBAP_REDIS_CA_FILE'),
  };
}

function readCapture(read: EnvironmentReader): CaptureSettings {
  return {
    connect: { url: requiredUrl(read, 'EBAP_CONNECT_URL'), ...signIn(read, 'EBAP_CONNECT') },
    sourceDatabaseUrl: read.secret('EBAP_SOURCE_DATABASE_URL'),
    referenceDatabaseUrl: read.secret('EBAP_REFERENCE_DATABASE_URL'),
    sourcePasswordReference: read.text('EBAP_CONNECT_SOURCE_PASSWORD'),
    referencePasswordReference: read.text('EBAP_CONNECT_REFERENCE_PASSWORD'),
  };
}

function signIn(read: EnvironmentReader, prefix: string): SignIn {
  const username = read.text(`${prefix}_USERNAME`);
  const password = read.secret(`${prefix}_PASSWORD`);
  if ((username === undefined) !== (password === undefined) && !prefix.startsWith('EBAP_REDIS'))
    read.problem(`${prefix}_USERNAME and ${prefix}_PASSWORD belong together: one of them is missing.`);
  return { username, password };
}

function requiredUrl(read: EnvironmentReader, name: string): string {
  const url = read.httpUrl(name);
  if (url === undefined && read.text(name) === undefined) read.problem(`${name} is required in the cluster profile.`);
  return url ?? '';
}

function countOrDefault(read: EnvironmentReader, name: string): number | undefined {
  return read.text(name) === undefined ? undefined : read.wholeNumber(name, 1, 1, 32);
}
