import type { ChangeStream, EventLog, HotStore, SchemaRegistry } from '@ebap/pipeline/ports';
import { type DebeziumChangeStreamOptions, openDebeziumChangeStream } from '../change-stream/index.ts';
import { type KafkaSettings, openKafkaEventLog } from '../event-log/index.ts';
import { openRedisHotStore, type RedisAddress } from '../hot-store/index.ts';
import type { HttpEndpoint } from '../http-client/index.ts';
import type { Logger } from '../logging/index.ts';
import { openConfluentSchemaRegistry } from '../schema-registry/index.ts';
import type { ClusterSettings, KafkaEngineSettings, SignIn } from '../settings/index.ts';
import type { StreamSpec } from './streams.ts';

export function openClusterLog({ kafka }: ClusterSettings, clientId: string): Promise<EventLog> {
  const { replicationFactor, minInsyncReplicas, compression } = kafka;
  return openKafkaEventLog({
    ...kafkaSettings(kafka, clientId),
    compression,
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
    ...(minInsyncReplicas === undefined ? {} : { minInsyncReplicas }),
  });
}

function kafkaSettings(
  { brokers, tls, ca, sasl, username, password }: KafkaEngineSettings,
  clientId: string,
): KafkaSettings {
  return {
    brokers,
    clientId,
    ...(tls ? { tls: ca === undefined ? {} : { ca } } : {}),
    ...(sasl === 'off' ? {} : { sasl: { mechanism: sasl, username: username ?? '', password: password ?? '' } }),
  };
}

export function openClusterHotStore({ redis }: ClusterSettings, logger: Logger): Promise<HotStore> {
  const { username, password, tls, ca } = redis;
  return openRedisHotStore({
    address: redisAddress(redis),
    logger,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls || ca !== undefined ? { tls: ca === undefined ? {} : { ca } } : {}),
  });
}

function redisAddress({ mode, url, nodes, masterName, sentinel }: ClusterSettings['redis']): RedisAddress {
  const places = nodes.map((node) => {
    const colon = node.lastIndexOf(':');
    return { host: node.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(node.slice(colon + 1)) };
  });
  switch (mode) {
    case 'single':
      return { mode, url: url ?? '' };
    case 'sentinel':
      return {
        ...{ mode, name: masterName, sentinels: places },
        ...(sentinel.username === undefined ? {} : { sentinelUsername: sentinel.username }),
        ...(sentinel.password === undefined ? {} : { sentinelPassword: sentinel.password }),
      };
    case 'cluster':
      return { mode, nodes: places };
  }
}

export function openClusterRegistry({ registry }: ClusterSettings): SchemaRegistry {
  return openConfluentSchemaRegistry(endpoint(registry));
}

/** @param databaseUrl the product's own database */
export function openClusterStream(
  { capture }: ClusterSettings,
  log: EventLog,
  stream: StreamSpec,
  databaseUrl: string,
): ChangeStream {
  const ownUrl = capture.referenceDatabaseUrl ?? databaseUrl;
  const isOwn = stream.name === 'reference' || capture.sourceDatabaseUrl === undefined;
  const password = isOwn ? capture.referencePasswordReference : capture.sourcePasswordReference;
  const options: DebeziumChangeStreamOptions = {
    connect: endpoint(capture.connect),
    connector: `ebap-${stream.name}`,
    url: isOwn ? ownUrl : (capture.sourceDatabaseUrl ?? ownUrl),
    ...(password === undefined ? {} : { fromConnect: { password } }),
    log,
    topic: stream.topic,
    partitions: stream.partitions,
    slot: stream.slot,
    publication: stream.slot,
    tables: stream.tables,
  };
  return openDebeziumChangeStream(options);
}

function endpoint({ url, username, password }: { readonly url: string } & SignIn): HttpEndpoint {
  if (username === undefined || password === undefined) return { url };
  return { url, credentials: { kind: 'basic', username, password } };
}
