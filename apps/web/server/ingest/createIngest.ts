import { TOPICS } from '@ebap/pipeline/contracts';
import type { EventLog } from '@ebap/pipeline/ports';
import type { DeadLetterSealer } from '@ebap/pipeline/runtime';
import type { MetricsRegistry } from '../metrics/registry.ts';
import { WriteKeyGate } from './credentials.ts';
import { EdgeDeadLetters } from './deadLetters.ts';
import { InFlightBytes } from './inFlightBytes.ts';
import { type IngestMetrics, ingestMetrics } from './ingestMetrics.ts';
import { BODY_POLICY, type BodyPolicy, IngestPipeline } from './ingestPipeline.ts';
import type { ProfileDirectory, SubjectKeyring, WriteKeyDirectory } from './ports.ts';
import { EventRecorder } from './recorder.ts';
import { defaultEventNames, type EventNameTable } from './segment/names.ts';
import type { SegmentOptions } from './segment/segmentEndpoint.ts';
import { SubjectDirectory } from './subjects.ts';
import { TokenBuckets } from './tokenBucket.ts';

export interface IngestDependencies {
  readonly log: EventLog;
  readonly keys: WriteKeyDirectory;
  readonly subjects: SubjectKeyring;
  /** Null where profiles come from the customer's own database. */
  readonly profiles: ProfileDirectory | null;
  readonly metrics: MetricsRegistry;
  /** Id of the raw event schema in the registry. */
  readonly schemaId: number;
  readonly seal: DeadLetterSealer;
  readonly eventNames?: EventNameTable;
  readonly nowMs?: () => number;
}

export interface IngestSettings {
  /** Bytes of requests that may be in flight at a time; one workspace may have half of them. */
  readonly inFlightBytes: number;
  /** The same for requests that have not shown their key yet; one address may have a quarter of them. */
  readonly anonymousBytes: number;
  readonly bodies: BodyPolicy;
  /** Records per second and workspace, and how many may come at once. */
  readonly ratePerSecond: number;
  readonly rateBurst: number;
  readonly appendTimeoutMs: number;
  readonly deadLettersPerSecond: number;
  readonly deadLettersBurst: number;
  readonly subjectTtlMs: number;
}

const DEFAULTS: IngestSettings = {
  inFlightBytes: 128 << 20,
  anonymousBytes: 16 << 20,
  bodies: BODY_POLICY,
  ratePerSecond: 50_000,
  rateBurst: 100_000,
  appendTimeoutMs: 15_000,
  deadLettersPerSecond: 100,
  deadLettersBurst: 1_000,
  subjectTtlMs: 45_000,
};

export interface Ingest {
  readonly segment: SegmentOptions;
  readonly metrics: IngestMetrics;
}

/** Puts ingestion together. The topics must exist. @throws AppError `not_found`. */
export async function createIngest(
  dependencies: IngestDependencies,
  settings: Partial<IngestSettings> = {},
): Promise<Ingest> {
  const { log, nowMs = Date.now } = dependencies;
  const chosen: IngestSettings = { ...DEFAULTS, ...settings };
  const inFlight = new InFlightBytes({ totalBytes: chosen.inFlightBytes, anonymousBytes: chosen.anonymousBytes });
  const metrics = ingestMetrics(dependencies.metrics, inFlight);
  const subjects = new SubjectDirectory({
    keyring: dependencies.subjects,
    partitions: await log.partitionCount(TOPICS.eventsRaw),
    nowMs,
    ttlMs: chosen.subjectTtlMs,
  });
  const pipeline = new IngestPipeline({
    keys: new WriteKeyGate(dependencies.keys, nowMs),
    recorder: new EventRecorder({
      log,
      subjects,
      schemaId: dependencies.schemaId,
      appendTimeoutMs: chosen.appendTimeoutMs,
    }),
    deadLetters: new EdgeDeadLetters({
      log,
      partitions: await log.partitionCount(TOPICS.deadLetters),
      seal: dependencies.seal,
      nowMs,
      perSecond: chosen.deadLettersPerSecond,
      burst: chosen.deadLettersBurst,
    }),
    inFlight,
    bodies: chosen.bodies,
    rate: new TokenBuckets({ perSecond: chosen.ratePerSecond, burst: chosen.rateBurst }, nowMs),
    metrics,
    nowMs,
  });
  const { profiles, eventNames = defaultEventNames } = dependencies;
  return { segment: { pipeline, profiles, eventNames }, metrics };
}
