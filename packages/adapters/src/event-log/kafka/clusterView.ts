import { AppError } from '@ebap/pipeline/errors';
import { BrokerLink } from './brokerLink.ts';
import { codeToAppError, toAppError } from './faults.ts';
import type { KafkaConfig } from './options.ts';
import type { KafkaApi } from './protocol/api.ts';
import { ErrorCode } from './protocol/errorCodes.ts';
import { type BrokerAddress, type MetadataResponse, metadataApi, type TopicMetadata } from './protocol/metadata.ts';

/** Who leads what, as far as the brokers told. Topics are pinned to the id they were first seen with. */
export class ClusterView {
  readonly #config: KafkaConfig;
  readonly #links = new Map<string, BrokerLink>();
  readonly #topics = new Map<string, TopicMetadata>();
  readonly #brokers = new Map<number, BrokerAddress>();
  #clusterId: string | null = null;
  #refreshing: { readonly done: Promise<void>; readonly names: ReadonlySet<string> } | undefined;

  constructor(config: KafkaConfig) {
    this.#config = config;
  }

  /** Known after the first refresh. */
  get clusterId(): string {
    return this.#clusterId ?? '';
  }

  /** The topic was there at some time. */
  knows(topic: string): boolean {
    return this.#topics.has(topic);
  }

  broker(nodeId: number): BrokerAddress | undefined {
    return this.#brokers.get(nodeId);
  }

  /** The topic as it was told last; asks for it if it was never seen. @throws AppError `not_found`, `forbidden`, … */
  async topic(name: string): Promise<TopicMetadata> {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    await this.refresh(name);
    const found = this.#topics.get(name);
    if (found === undefined) throw new AppError('internal', `Nothing was told about ${name}.`);
    return found;
  }

  /**
   * Asks anew, about this topic and all known ones; calls at the same time share a request.
   * @throws AppError `not_found` and `forbidden` for the named topic, `topic_mismatch` when it is not the one it was
   */
  async refresh(name?: string): Promise<void> {
    while (this.#refreshing !== undefined) {
      const { done, names } = this.#refreshing;
      if (name === undefined || names.has(name)) return done;
      await done.catch(() => undefined);
    }
    const names = new Set(this.#topics.keys());
    if (name !== undefined) names.add(name);
    const done = this.#load([...names], name).finally(() => {
      this.#refreshing = undefined;
    });
    // Only for those who ask for the same: others of the group learn their own topic's fate from their next look.
    this.#refreshing = { done, names: new Set(name === undefined ? [] : [name]) };
    return done;
  }

  /** Sends to any broker that answers. @throws AppError of the last one that did not */
  async ask<Request, Response>(api: KafkaApi<Request, Response>, request: Request): Promise<Response> {
    let fault: AppError | undefined;
    for (const address of this.#addresses()) {
      try {
        return await this.#link(address).send(api, request);
      } catch (error) {
        fault = toAppError(error, `asking ${address}`);
        if (fault.code === 'configuration') throw fault;
        // Another one first the next time.
        this.#links.get(address)?.close();
        this.#links.delete(address);
      }
    }
    throw fault ?? new AppError('configuration', 'No Kafka broker is named.');
  }

  /** Sends to one broker. @throws AppError `unavailable` when it is not known or does not answer */
  async askBroker<Request, Response>(
    nodeId: number,
    api: KafkaApi<Request, Response>,
    request: Request,
  ): Promise<Response> {
    const broker = this.#brokers.get(nodeId);
    if (broker === undefined) throw codeToAppError(ErrorCode.leaderNotAvailable, 'looking for a leader', {});
    return this.#link(`${broker.host}:${broker.port}`).send(api, request);
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  async #load(names: readonly string[], wanted: string | undefined): Promise<void> {
    const answer = await this.ask(metadataApi, names);
    this.#take(answer);
    const topic = answer.topics.find(({ name }) => name === wanted);
    if (wanted === undefined || topic === undefined) return;
    if (topic.errorCode !== ErrorCode.none && topic.errorCode !== ErrorCode.leaderNotAvailable) {
      throw codeToAppError(topic.errorCode, `looking for the topic ${wanted}`, { topic: wanted });
    }
    const pinned = this.#topics.get(wanted);
    if (pinned !== undefined && pinned.id !== topic.id) throw madeAnew(wanted);
  }

  #take({ brokers, clusterId, topics }: MetadataResponse): void {
    this.#checkCluster(clusterId);
    this.#brokers.clear();
    for (const broker of brokers) this.#brokers.set(broker.nodeId, broker);
    for (const topic of topics) {
      if (topic.name === null || topic.errorCode !== ErrorCode.none) continue;
      const pinned = this.#topics.get(topic.name);
      if (pinned === undefined || pinned.id === topic.id) this.#topics.set(topic.name, topic);
    }
  }

  #checkCluster(clusterId: string | null): void {
    this.#clusterId ??= clusterId;
    if (this.#clusterId === clusterId) return;
    throw new AppError(
      'configuration',
      `The brokers are of the cluster ${clusterId}, not of ${this.#clusterId} any more.`,
    );
  }

  /** The brokers that are connected first, then the others told and named. */
  #addresses(): readonly string[] {
    const told = [...this.#brokers.values()].map(({ host, port }) => `${host}:${port}`);
    return [...new Set([...this.#links.keys(), ...told, ...this.#config.brokers])];
  }

  #link(address: string): BrokerLink {
    const known = this.#links.get(address);
    if (known !== undefined) return known;
    const [, host, port] = /^(.+):(\d+)$/.exec(address) ?? [];
    if (host === undefined) throw new AppError('configuration', `A broker is named as host:port, not ${address}.`);
    const link = new BrokerLink(host, Number(port), this.#config);
    this.#links.set(address, link);
    return link;
  }
}

function madeAnew(topic: string): AppError {
  return new AppError(
    'topic_mismatch',
    `The topic ${topic} was deleted and made anew: its offsets mean nothing here.`,
    {
      context: { topic },
    },
  );
}
