import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError } from '@ebap/pipeline/errors';
import type { TopicSpec } from '@ebap/pipeline/ports';
import kafkajs, { type Admin } from 'kafkajs';
import type { ClusterView } from './clusterView.ts';
import { codeToAppError, toAppError } from './faults.ts';
import { kafkajsClient } from './kafkajsClient.ts';
import { type KafkaConfig, MAX_PARTITION_APPEND_BYTES, MAX_RECORD_BYTES } from './options.ts';
import { ErrorCode } from './protocol/errorCodes.ts';
import { setTopicConfigApi } from './protocol/incrementalAlterConfigs.ts';

const A_DAY_MS = 86_400_000;
const VISIBLE_POLL_MS = 25;
/** A batch of the largest append and what surrounds its records. */
const MAX_BATCH_BYTES = MAX_PARTITION_APPEND_BYTES + MAX_RECORD_BYTES;

/** What the broker is told to keep of a topic. @see https://kafka.apache.org/documentation/#topicconfigs */
export function topicConfig(spec: TopicSpec, minInsyncReplicas?: number): ReadonlyMap<string, string> {
  const { partitions, retentionBytes } = spec;
  return new Map([
    ['cleanup.policy', spec.cleanup],
    ['message.timestamp.type', 'LogAppendTime'],
    ['max.message.bytes', String(MAX_BATCH_BYTES)],
    ['retention.ms', String(spec.retentionMs)],
    // Kafka's limit is per partition.
    [
      'retention.bytes',
      String(retentionBytes === undefined ? -1 : Math.max(1, Math.floor(retentionBytes / partitions))),
    ],
    ...(spec.cleanup === 'compact' ? [['max.compaction.lag.ms', String(A_DAY_MS)] as const] : []),
    ...(minInsyncReplicas === undefined ? [] : [['min.insync.replicas', String(minInsyncReplicas)] as const]),
  ]);
}

/**
 * Makes the topic, or brings the settings of an existing one to what is wanted, and waits until all its partitions
 * are led.
 * @throws AppError `topic_mismatch` for another partition count, `forbidden`, `unavailable`, `configuration`
 */
export async function ensureTopic(cluster: ClusterView, config: KafkaConfig, spec: TopicSpec): Promise<void> {
  if (!Number.isInteger(spec.partitions) || spec.partitions < 1 || spec.name === '') {
    throw new AppError('bad_request', 'A topic needs a name and at least one partition.');
  }
  const wanted = topicConfig(spec, config.minInsyncReplicas);
  const admin = kafkajsClient(config).admin();
  try {
    await admin.connect();
    if (!(await exists(cluster, spec.name))) await create(admin, spec, wanted, config.replicationFactor);
    await untilLed(cluster, spec, config.patienceMs);
    await adjust(cluster, admin, spec.name, wanted, config.patienceMs);
  } catch (error) {
    throw toAppError(error, `making the topic ${spec.name}`);
  } finally {
    // Nothing is lost when it does not answer any more.
    void admin.disconnect().catch(() => undefined);
  }
}

async function exists(cluster: ClusterView, topic: string): Promise<boolean> {
  try {
    await cluster.topic(topic);
    return true;
  } catch (error) {
    // Without the right to describe it, a missing topic and one that is there look the same: making it will tell.
    if (isAppError(error, 'not_found') || isAppError(error, 'forbidden')) return false;
    throw error;
  }
}

async function create(
  admin: Admin,
  { name, partitions }: TopicSpec,
  wanted: ReadonlyMap<string, string>,
  replicationFactor: number | undefined,
): Promise<void> {
  // False, not a fault, when somebody else was faster. Waiting for leaders is ours: kafkajs's races with KRaft.
  await admin.createTopics({
    waitForLeaders: false,
    topics: [
      {
        topic: name,
        numPartitions: partitions,
        ...(replicationFactor === undefined ? {} : { replicationFactor }),
        configEntries: [...wanted].map(([key, value]) => ({ name: key, value })),
      },
    ],
  });
}

/** The controller answers before the brokers know. */
async function untilLed(cluster: ClusterView, { name, partitions }: TopicSpec, patienceMs: number): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const led = await ledPartitions(cluster, name);
    if (led.count > 0 && led.count !== partitions) {
      throw new AppError('topic_mismatch', `${name} has ${led.count} partitions.`, {
        context: { topic: name, partitions: led.count, wanted: partitions },
      });
    }
    if (led.all) return;
    if (performance.now() > deadlineMs) {
      throw codeToAppError(ErrorCode.leaderNotAvailable, `making the topic ${name}`, { topic: name });
    }
    await sleep(VISIBLE_POLL_MS);
  }
}

async function ledPartitions(cluster: ClusterView, name: string): Promise<{ count: number; all: boolean }> {
  try {
    await cluster.refresh(name);
    const { partitions } = await cluster.topic(name);
    return { count: partitions.length, all: partitions.every(({ leaderId }) => leaderId >= 0) };
  } catch (error) {
    if (isAppError(error, 'not_found')) return { count: 0, all: false };
    throw error;
  }
}

async function adjust(
  cluster: ClusterView,
  admin: Admin,
  topic: string,
  wanted: ReadonlyMap<string, string>,
  patienceMs: number,
): Promise<void> {
  const found = await settingsOf(admin, topic, [...wanted.keys()], patienceMs);
  const changed = [...wanted].filter(([name, value]) => found.get(name) !== value);
  if (changed.length === 0) return;
  const errorCode = await cluster.ask(setTopicConfigApi, { topic, entries: changed });
  if (errorCode !== ErrorCode.none) {
    throw codeToAppError(errorCode, `changing the settings of the topic ${topic}`, { topic });
  }
}

/** Of several brokers any may be asked, also one that has not heard of the topic yet. */
async function settingsOf(
  admin: Admin,
  topic: string,
  names: string[],
  patienceMs: number,
): Promise<ReadonlyMap<string, string>> {
  const deadlineMs = performance.now() + patienceMs;
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: names }];
  for (;;) {
    try {
      const answer = await admin.describeConfigs({ includeSynonyms: false, resources });
      const entries = answer.resources[0]?.configEntries ?? [];
      return new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
    } catch (error) {
      const fault = toAppError(error, `reading the settings of the topic ${topic}`);
      if (fault.code !== 'not_found' || performance.now() > deadlineMs) throw fault;
    }
    await sleep(VISIBLE_POLL_MS);
  }
}
