import { Counter, Gauge, Histogram, type MetricsRegistry } from '../metrics/registry.ts';
import type { InFlightBytes } from './inFlightBytes.ts';

/** What ingestion counts. */
export interface IngestMetrics {
  readonly accepted: Counter;
  readonly rejected: Counter;
  readonly unmapped: Counter;
  readonly droppedProperties: Counter;
  readonly cappedDeadLetters: Counter;
  readonly problems: Counter;
  readonly bodyBytes: Counter;
  readonly logBytes: Counter;
  readonly requestSeconds: Histogram;
}

const LATENCY_BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function ingestMetrics(registry: MetricsRegistry, inFlight: InFlightBytes): IngestMetrics {
  registry.add('ingest_in_flight_bytes', new Gauge('Bytes of requests not answered yet.', () => inFlight.bytes));
  registry.add('ingest_in_flight_requests', new Gauge('Requests not answered yet.', () => inFlight.requests));
  return {
    accepted: registry.add('ingest_accepted', new Counter('Records that the log acknowledged.')),
    rejected: registry.add('ingest_rejected', new Counter('Records refused, by reason.')),
    unmapped: registry.add('ingest_unmapped', new Counter('Calls and event names that map to no action.')),
    droppedProperties: registry.add(
      'ingest_properties_dropped',
      new Counter('Properties left out: too many, too large.'),
    ),
    cappedDeadLetters: registry.add(
      'ingest_dead_letters_capped',
      new Counter('Refused records not kept: over the cap.'),
    ),
    problems: registry.add('ingest_problems', new Counter('Whole requests refused, by code.')),
    bodyBytes: registry.add('ingest_body_bytes', new Counter('Bytes of bodies, decompressed.')),
    logBytes: registry.add('ingest_log_bytes', new Counter('Bytes of records that the log acknowledged.')),
    requestSeconds: registry.add('ingest_request_seconds', new Histogram('Time to answer.', LATENCY_BOUNDS_S)),
  };
}
