import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@ebap/adapters/event-log';
import { type DeadLetter, TOPICS, topicSpecs } from '@ebap/pipeline/contracts';
import { type BatchRecord, type EventLog, recordAt } from '@ebap/pipeline/ports';
import { createIngest, type Ingest, type IngestDependencies, type IngestSettings } from '../ingest/createIngest.ts';
import { ingestHandler } from '../ingest/index.ts';
import type { ProfileTraits, SubjectKey, WriteKey } from '../ingest/ports.ts';
import { MetricsRegistry } from '../metrics/registry.ts';

export const KEY_ACME = 'ebap_acme_0123456789abcdef';
export const KEY_GLOBEX = 'ebap_globex_0123456789abcdef';

/** The relational side in memory: what a test may look into and change. */
export class Directories {
  readonly keys = new Map<string, WriteKey>([
    [KEY_ACME, { id: 'k1', workspaceId: 'acme' }],
    [KEY_GLOBEX, { id: 'k2', workspaceId: 'globex' }],
  ]);
  readonly subjects = new Map<string, SubjectKey>();
  readonly erased = new Set<string>();
  readonly profiles: (ProfileTraits & { readonly workspaceId: string })[] = [];
  roundTrips = 0;

  readonly find = async (secret: string): Promise<WriteKey | null> => this.keys.get(secret) ?? null;

  readonly keysFor = async (workspaceId: string, userIds: readonly string[]) => {
    this.roundTrips++;
    const keys = new Map<string, SubjectKey>();
    for (const userId of userIds) {
      const name = `${workspaceId}:${userId}`;
      if (this.erased.has(name)) continue;
      const key = this.subjects.get(name) ?? { keyId: randomUUID(), dataKey: randomBytes(32) };
      this.subjects.set(name, key);
      keys.set(userId, key);
    }
    return keys;
  };

  readonly upsertMany = async (workspaceId: string, profiles: readonly ProfileTraits[]): Promise<void> => {
    for (const profile of profiles) this.profiles.push({ workspaceId, ...profile });
  };
}

export interface IngestHarness extends AsyncDisposable {
  readonly url: string;
  readonly log: EventLog;
  readonly directories: Directories;
  readonly ingest: Ingest;
  readonly metrics: MetricsRegistry;
  post(path: string, body: string | Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Everything on a topic, in order within each partition. */
  records(topic: string): Promise<readonly BatchRecord[]>;
  letters(): Promise<readonly DeadLetter[]>;
}

/** The ingestion endpoints over real HTTP and a real embedded log in a temporary folder. */
export async function startIngest(
  settings: Partial<IngestSettings> = {},
  append?: EventLog['append'],
  changes: Partial<IngestDependencies> = {},
): Promise<IngestHarness> {
  const dir = await mkdtemp(join(tmpdir(), 'ebap-ingest-'));
  const log = await openEmbeddedEventLog({ dir });
  for (const spec of topicSpecs('embedded')) await log.createTopic(spec);
  const directories = new Directories();
  const metrics = new MetricsRegistry();
  const ingest = await createIngest(
    {
      log: append === undefined ? log : withAppend(log, append),
      keys: directories,
      subjects: directories,
      profiles: directories,
      metrics,
      schemaId: 1,
      seal: (payload) => ({ payload: Buffer.from(payload).toString('base64'), sealed: false }),
      ...changes,
    },
    settings,
  );
  const faults: unknown[] = [];
  const handle = ingestHandler(ingest.segment, (error) => faults.push(error));
  const server = createServer((req: IncomingMessage, res: ServerResponse) => {
    if (!handle(req, res, (req.url ?? '/').split('?', 1)[0] ?? '/')) res.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const records = async (topic: string): Promise<readonly BatchRecord[]> => {
    const found: BatchRecord[] = [];
    for (let partition = 0; partition < (await log.partitionCount(topic)); partition++) {
      const { start, end } = await log.offsets(topic, partition);
      for (let at = start; at < end; ) {
        const batch = await log.fetch(topic, partition, at, { maxBytes: 64 << 20 });
        for (let i = 0; i < batch.count; i++) found.push(recordAt(batch, i));
        at = batch.nextOffset;
      }
    }
    return found;
  };
  return {
    url,
    log,
    directories,
    ingest,
    metrics,
    records,
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        body: typeof body === 'string' ? body : new Uint8Array(body),
        headers: { authorization: `Bearer ${KEY_ACME}`, 'content-type': 'application/json', ...headers },
      }),
    letters: async () =>
      (await records(TOPICS.deadLetters)).map(
        (record) => JSON.parse(Buffer.from(record.value ?? new Uint8Array()).toString()) as DeadLetter,
      ),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await log.close();
      await rm(dir, { recursive: true, force: true });
      if (faults.length > 0) throw new AggregateError(faults, 'the server failed');
    },
  };
}

/** The log with another `append`: one that is away, or never answers. */
function withAppend(log: EventLog, append: EventLog['append']): EventLog {
  return {
    clusterId: log.clusterId,
    createTopic: (spec) => log.createTopic(spec),
    partitionCount: (topic) => log.partitionCount(topic),
    topicId: (topic) => log.topicId(topic),
    append,
    fetch: (topic, partition, fromOffset, options) => log.fetch(topic, partition, fromOffset, options),
    offsets: (topic, partition) => log.offsets(topic, partition),
    applyRetention: () => log.applyRetention(),
    close: () => log.close(),
  };
}
