import { performance } from 'node:perf_hooks';
import type { Permission } from '@ebap/pipeline/access';
import type { LiveTopic } from '@ebap/pipeline/contracts';
import { AppError } from '@ebap/pipeline/errors';
import { hotTopics } from '@ebap/pipeline/hot';
import type { HotChange } from '@ebap/pipeline/ports';
import { LiveRoom } from './room.ts';
import { type LiveServer, Outlet, type Subscriber } from './subscriber.ts';
import { canonicalTopic } from './topicSchema.ts';
import { type SourcePorts, topicSource } from './topicSource.ts';

export interface HubOptions {
  readonly ports: SourcePorts;
  readonly io: LiveServer;
  /** Told of faults of the sources, once until they have recovered. */
  readonly onFault: (error: unknown) => void;
  readonly maxRooms?: number;
}

const BEAT_MS = 1_000;
const DEFAULT_MAX_ROOMS = 2_000;
/** A room without listeners is kept for some beats: a page that reloads finds it. */
const LINGER_BEATS = 5;

/** All rooms of this process, and what moves them: the change feed of the hot store, and the clock. */
export class LiveHub {
  readonly #options: HubOptions;
  readonly #outlet: Outlet;
  readonly #rooms = new Map<string, LiveRoom>();
  readonly #feeds: { close(): Promise<void> }[] = [];
  #beat: NodeJS.Timeout | null = null;
  #busy = performance.eventLoopUtilization();
  #stretch = 1;
  #isDegraded = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#outlet = new Outlet(options.io, (subscriber, name) => this.#rooms.get(name)?.resume(subscriber));
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  get slowdowns(): number {
    return this.#outlet.slowdowns;
  }

  /** Begins to follow the hot store. @throws AppError `unavailable`. */
  async start(): Promise<void> {
    const { hot } = this.#options.ports;
    const onChange = (change: HotChange) => this.#changed(change);
    for (const prefix of [hotTopics.windows(''), hotTopics.feed('')])
      this.#feeds.push(await hot.subscribe(prefix, onChange));
    this.#beat = setInterval(() => this.#onBeat(), BEAT_MS);
  }

  async close(): Promise<void> {
    if (this.#beat !== null) clearInterval(this.#beat);
    for (const room of this.#rooms.values()) room.close();
    this.#rooms.clear();
    await Promise.all(this.#feeds.map((feed) => feed.close()));
  }

  /**
   * The room of a topic, made on first use. Who may see different things is in different rooms.
   * @throws AppError `unavailable` when it can't be read, `rate_limited` when there are too many.
   */
  async room(workspaceId: string, topic: LiveTopic, permissions: readonly Permission[]): Promise<LiveRoom> {
    const name = `${workspaceId}\n${permissions.join()}\n${canonicalTopic(topic)}`;
    const known = this.#rooms.get(name);
    const room = known ?? this.#create(name, workspaceId, topic, permissions);
    try {
      await room.ready();
    } catch (error) {
      if (this.#rooms.get(name) === room) this.#remove(room);
      throw error;
    }
    return room;
  }

  /** Takes a listener out; the room goes when nobody came back for a while. */
  leave(room: LiveRoom, subscriber: Subscriber): void {
    room.leave(subscriber);
  }

  #create(name: string, workspaceId: string, topic: LiveTopic, permissions: readonly Permission[]): LiveRoom {
    const { ports, maxRooms = DEFAULT_MAX_ROOMS } = this.#options;
    if (this.#rooms.size >= maxRooms) throw new AppError('rate_limited', 'Too many different topics are open.');
    const room = new LiveRoom({
      name,
      source: topicSource(ports, workspaceId, topic, permissions),
      outlet: this.#outlet,
      nowMs: ports.nowMs,
      stretch: () => this.#stretch,
      onHealth: (isHealthy, error) => this.#onHealth(isHealthy, error),
    });
    this.#rooms.set(name, room);
    return room;
  }

  #remove(room: LiveRoom): void {
    room.close();
    this.#rooms.delete(room.name);
  }

  #changed({ topic, keys }: HotChange): void {
    const changed = keys === null ? null : new Set(keys);
    for (const room of this.#rooms.values()) if (room.hotTopic === topic) room.changed(changed);
  }

  #onBeat(): void {
    const { utilization } = performance.eventLoopUtilization(this.#busy);
    this.#busy = performance.eventLoopUtilization();
    this.#stretch = utilization > 0.9 ? 4 : utilization > 0.75 ? 2 : 1;
    for (const room of this.#rooms.values()) if (room.beat() > LINGER_BEATS) this.#remove(room);
  }

  #onHealth(isHealthy: boolean, error: unknown): void {
    if (isHealthy !== this.#isDegraded) return;
    this.#isDegraded = !isHealthy;
    if (!isHealthy) this.#options.onFault(error);
    this.#options.io.emit(
      'notice',
      isHealthy
        ? { code: 'recovered', message: 'Live numbers are back.' }
        : { code: 'degraded', message: 'Live numbers can not be read at the moment; what is shown is the last known.' },
    );
  }
}
