import type { ClusterPorts } from '../versions.ts';

/** The principals of the listener with sign-in: `admin` may do everything, `service` what ACLs grant. */
export const KAFKA_USERS = ['admin', 'service'] as const;
export type KafkaUser = (typeof KAFKA_USERS)[number];

export interface KafkaTlsFiles {
  /** PKCS #12 with the broker's key and its chain. */
  readonly keystore: string;
  readonly keystorePassword: string;
}

/**
 * One broker that is its own controller (KRaft). Two listeners for clients: one in the clear, whose users count as
 * superusers (this machine's own), and one with TLS and SCRAM where ACLs decide. Small topics of its own, one replica.
 */
export function kafkaProperties(
  ports: ClusterPorts,
  logDir: string,
  tls: KafkaTlsFiles,
): Record<string, string | number | boolean> {
  const clear = `BROKER://127.0.0.1:${ports.kafka}`;
  const signedIn = `SECURE://127.0.0.1:${ports.kafkaSaslSsl}`;
  const controller = `CONTROLLER://127.0.0.1:${ports.kafkaController}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.kafkaController}`,
    listeners: [clear, signedIn, controller].join(','),
    'advertised.listeners': [clear, signedIn].join(','),
    'listener.security.protocol.map': 'BROKER:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'BROKER',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': logDir,
    ...security(tls),
    ...oneReplica(),
    'auto.create.topics.enable': false,
    'log.message.timestamp.type': 'LogAppendTime',
    'group.initial.rebalance.delay.ms': 0,
    'log.segment.bytes': 64 << 20,
    'log.index.size.max.bytes': 1 << 20,
    'log.cleaner.dedupe.buffer.size': 4 << 20,
    'num.network.threads': 2,
    'num.io.threads': 4,
  };
}

function security({ keystore, keystorePassword }: KafkaTlsFiles): Record<string, string | number | boolean> {
  return {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    'super.users': 'User:ANONYMOUS;User:admin',
    'listener.name.secure.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.secure.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'listener.name.secure.ssl.keystore.type': 'PKCS12',
    'listener.name.secure.ssl.keystore.location': keystore,
    'listener.name.secure.ssl.keystore.password': keystorePassword,
    'listener.name.secure.ssl.key.password': keystorePassword,
  };
}

function oneReplica(): Record<string, number> {
  return {
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 5,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 5,
  };
}
