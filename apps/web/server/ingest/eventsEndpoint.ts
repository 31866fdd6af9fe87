import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HttpProblem } from '../http/problem.ts';
import { parseEventRecord } from './eventRecord.ts';
import type { IngestPipeline, Submission } from './ingestPipeline.ts';
import { type BodyRecord, looksLikeNdjson, parseJsonRecords, parseNdjsonRecords } from './parseBody.ts';

const NDJSON_TYPES: ReadonlySet<string> = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
]);
const SLICE = 1_000;

export interface EventsAnswer {
  readonly accepted: number;
  readonly rejected: readonly { readonly index: number; readonly code: string; readonly message: string }[];
  /** What became of the refused records; missing when there are none. */
  readonly detail?: string;
}

/**
 * `POST /v1/events`: a JSON array, one object, or NDJSON. Answered once everything sound is durable.
 * @throws HttpProblem for whole-request errors, AppError `unavailable`.
 */
export async function postEvents(req: IncomingMessage, pipeline: IngestPipeline): Promise<EventsAnswer> {
  const format = bodyFormat(req.headers['content-type']);
  return pipeline.withBody(req, async ({ body, authenticate }) => {
    const key = await authenticate(null);
    const isNdjson = format === 'ndjson' || (format === 'unknown' && looksLikeNdjson(body));
    const records = isNdjson ? parseNdjsonRecords(body) : parseJsonRecords(body);
    pipeline.charge(key.workspaceId, records.length);
    const submission = await checkAll(records, pipeline);
    const { accepted, rejected, capped } = await pipeline.submit(key.workspaceId, submission);
    return {
      accepted,
      rejected: rejected.map(({ index, rejection }) => ({ index, ...rejection })),
      ...(rejected.length > 0 && { detail: fateOf(rejected.length, capped) }),
    };
  });
}

function fateOf(refused: number, capped: number): string {
  const kept = refused - capped;
  const were = refused === 1 ? '1 record was refused' : `${refused} records were refused`;
  if (capped === 0) return `${were} and ${refused === 1 ? 'is kept as a dead letter' : 'are kept as dead letters'}.`;
  const is = refused === 1 ? 'is' : 'are';
  if (kept === 0) return `${were}, ${is} over the cap for dead letters and only counted.`;
  const letters = kept === 1 ? '1 is kept as a dead letter' : `${kept} are kept as dead letters`;
  return `${were}: ${letters}, ${capped} ${capped === 1 ? 'is' : 'are'} over the cap and only counted.`;
}

function bodyFormat(contentType: string | undefined): 'json' | 'ndjson' | 'unknown' {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === '') return 'unknown';
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  if (NDJSON_TYPES.has(type)) return 'ndjson';
  throw new HttpProblem(415, 'unsupported_media_type', 'Send application/json or application/x-ndjson.');
}

async function checkAll(records: readonly BodyRecord[], pipeline: IngestPipeline): Promise<Submission> {
  const submission: Submission = { events: [], rejected: [] };
  const nowMs = pipeline.nowMs();
  for (let index = 0; index < records.length; index++) {
    if (index > 0 && index % SLICE === 0) await nextTurn();
    const record = records[index];
    if (record === undefined) continue;
    if (record.kind === 'malformed') {
      const rejection = { code: 'invalid_record', message: record.message } as const;
      submission.rejected.push({ index, rejection, raw: () => record.raw });
      continue;
    }
    const outcome = parseEventRecord(record.value, nowMs);
    if (outcome.ok) submission.events.push({ index, event: outcome.event });
    else submission.rejected.push({ index, rejection: outcome.rejection, raw: () => JSON.stringify(record.value) });
  }
  return submission;
}
