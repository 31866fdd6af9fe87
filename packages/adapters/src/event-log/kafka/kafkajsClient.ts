import kafkajs, { type Kafka, type KafkaConfig as KafkajsConfig } from 'kafkajs';
import { mendKafkajsTimers } from './kafkajsTimers.ts';
import type { KafkaConfig } from './options.ts';

/** A kafkajs client on the adapter's settings. Silent: what matters is thrown, and said by who catches it. */
export function kafkajsClient(config: KafkaConfig): Kafka {
  mendKafkajsTimers();
  const { brokers, clientId, tls, requestTimeoutMs } = config;
  return new kafkajs.Kafka({
    brokers: [...brokers],
    clientId,
    ssl: tls === undefined ? false : { ...tls },
    ...saslOf(config),
    connectionTimeout: requestTimeoutMs,
    authenticationTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    logLevel: kafkajs.logLevel.NOTHING,
    // All of them: kafkajs has other defaults where NODE_ENV is `test`.
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2 },
  });
}

function saslOf({ sasl }: KafkaConfig): Pick<KafkajsConfig, 'sasl'> {
  if (sasl === undefined) return {};
  const { mechanism, username, password } = sasl;
  switch (mechanism) {
    case 'plain':
      return { sasl: { mechanism, username, password } };
    case 'scram-sha-256':
      return { sasl: { mechanism, username, password } };
    case 'scram-sha-512':
      return { sasl: { mechanism, username, password } };
  }
}
