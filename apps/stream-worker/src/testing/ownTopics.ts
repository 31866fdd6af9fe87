import type { EventLog } from '@ebap/pipeline/ports';

/** The log as the product knows it, with its topics under names of their own: several tests share the brokers. */
export function ownTopics(log: EventLog, prefix: string): EventLog {
  const name = (topic: string): string => `${prefix}.${topic}`;
  return {
    clusterId: log.clusterId,
    createTopic: (spec) => log.createTopic({ ...spec, name: name(spec.name) }),
    partitionCount: (topic) => log.partitionCount(name(topic)),
    topicId: (topic) => log.topicId(name(topic)),
    append: (topic, records) => log.append(name(topic), records),
    fetch: (topic, ...rest) => log.fetch(name(topic), ...rest),
    offsets: (topic, partition) => log.offsets(name(topic), partition),
    applyRetention: () => log.applyRetention(),
    close: () => log.close(),
  };
}
