import { type ChangeTable, changeTable, SCHEMA } from '../postgres-logical/index.ts';
import type { DebeziumChangeStreamOptions } from './options.ts';

/** The connector's class, as `/connector-plugins` lists it. */
export const CONNECTOR_CLASS = 'io.debezium.connector.postgresql.PostgresConnector';

const KEY_COLUMN = 'log_key';
const HEARTBEAT_MS = 10_000;
const HEARTBEAT_PREFIX = 'ebap.connect.heartbeat';
/** Marks the connector's own messages in the write-ahead log. */
const HEARTBEAT_MESSAGE = 'ebap_heartbeat';

/** Topic of the connector's heartbeats: they carry its position to Kafka while the tables are quiet. */
export function heartbeatTopic(connector: string): string {
  return `${HEARTBEAT_PREFIX}.${connector}`;
}

/**
 * The connector's configuration (Debezium 3.6, PostgreSQL connector properties; Kafka Connect 4 transforms).
 * Everything that decides what is on the topic is spelled out, whatever the worker's own settings are.
 */
export function connectorConfig(options: DebeziumChangeStreamOptions): Readonly<Record<string, string>> {
  return {
    'connector.class': CONNECTOR_CLASS,
    'tasks.max': '1',
    ...source(options),
    ...content(options),
    ...DELIVERY,
    ...routing(options),
    ...options.settings,
  };
}

function source({
  url,
  fromConnect,
  slot,
  publication,
  heartbeatMs,
}: DebeziumChangeStreamOptions): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const sslMode = searchParams.get('sslmode');
  return {
    'database.hostname': fromConnect?.host ?? hostname,
    'database.port': String(fromConnect?.port ?? (port === '' ? 5432 : port)),
    'database.user': decodeURIComponent(username),
    'database.password': fromConnect?.password ?? decodeURIComponent(password),
    'database.dbname': decodeURIComponent(pathname.slice(1)),
    ...(sslMode === null ? {} : { 'database.sslmode': sslMode }),
    'plugin.name': 'pgoutput',
    'slot.name': slot,
    'publication.name': publication,
    'publication.autocreate.mode': 'disabled',
    // A position that the source no longer has is a fault, not a silent gap: the platform takes the new snapshot.
    'snapshot.mode': 'initial',
    'poll.interval.ms': '20',
    // Interruptions of the way to the source it mends itself.
    'retriable.restart.connector.wait.ms': '1000',
    // Tables that nobody changes confirm nothing, and would keep all log that the rest of the server writes. A message
    // in the write-ahead log moves the position on; any role may write one.
    'heartbeat.interval.ms': String(heartbeatMs ?? HEARTBEAT_MS),
    'heartbeat.action.query': `SELECT pg_logical_emit_message(false, '${HEARTBEAT_MESSAGE}', '')`,
    'topic.heartbeat.prefix': HEARTBEAT_PREFIX,
    'message.prefix.exclude.list': HEARTBEAT_MESSAGE,
  };
}

function content({ connector, tables }: DebeziumChangeStreamOptions): Record<string, string> {
  const wanted = tables.map(changeTable);
  return {
    'topic.prefix': connector,
    'table.include.list': wanted.map(({ name }) => escaped(`${SCHEMA}.${name}`)).join(','),
    'column.include.list': wanted.map(columnsOf).join(','),
    'message.key.columns': wanted.map(({ name }) => `${escaped(`${SCHEMA}.${name}`)}:${KEY_COLUMN}`).join(';'),
    'decimal.handling.mode': 'string',
    'time.precision.mode': 'adaptive',
    'tombstones.on.delete': 'true',
  };
}

function columnsOf({ name, columns }: ChangeTable): string {
  const of = escaped(`${SCHEMA}.${name}.`);
  return columns === undefined ? `${of}.*` : `${of}(${columns.map(escaped).join('|')})`;
}

const DELIVERY: Readonly<Record<string, string>> = {
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
  'errors.tolerance': 'none',
  'producer.override.acks': 'all',
  // Idempotence keeps the order of retried batches.
  'producer.override.enable.idempotence': 'true',
  'producer.override.max.in.flight.requests.per.connection': '5',
  'producer.override.delivery.timeout.ms': '2147483647',
  'producer.override.compression.type': 'zstd',
  'producer.override.linger.ms': '0',
};

/** All tables go to one topic, keyed by the plain text of `log_key`. Heartbeats have neither. */
function routing({ connector, topic }: DebeziumChangeStreamOptions): Record<string, string> {
  const changes = escaped(`${connector}.${SCHEMA}.`);
  return {
    predicates: 'isChange',
    'predicates.isChange.type': 'org.apache.kafka.connect.transforms.predicates.TopicNameMatches',
    'predicates.isChange.pattern': `${changes}.*`,
    transforms: 'key,route',
    'transforms.key.type': 'org.apache.kafka.connect.transforms.ExtractField$Key',
    'transforms.key.field': KEY_COLUMN,
    'transforms.key.predicate': 'isChange',
    'transforms.route.type': 'org.apache.kafka.connect.transforms.RegexRouter',
    'transforms.route.regex': `${changes}.*`,
    'transforms.route.replacement': topic.replaceAll('$', '\\$'),
  };
}

/** Text as a Java regular expression that matches it alone. */
function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
