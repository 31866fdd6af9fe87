import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HttpProblem } from '../../http/problem.ts';
import { isRecord } from '../fields/text.ts';
import type { IngestMetrics } from '../ingestMetrics.ts';
import type { IngestPipeline, Submission } from '../ingestPipeline.ts';
import type { ParseOutcome } from '../outcome.ts';
import { MAX_RECORDS, parseJson } from '../parseBody.ts';
import type { ProfileDirectory, ProfileTraits } from '../ports.ts';
import { type IdentifyOutcome, parseIdentifyCall } from './identifyCall.ts';
import type { EventNameTable } from './names.ts';
import { notACall, parseTrackCall } from './trackCall.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface SegmentOptions {
  readonly pipeline: IngestPipeline;
  /** Null where profiles come from the customer's own database: `identify` changes nothing then, and is counted. */
  readonly profiles: ProfileDirectory | null;
  readonly eventNames: EventNameTable;
}

interface Sorted extends Submission {
  readonly profiles: Map<string, ProfileTraits>;
}

const SLICE = 1_000;
/** Browsers send beacons as text/plain, which needs no preflight. */
const TYPES: ReadonlySet<string> = new Set(['', 'application/json', 'text/plain']);

/** Calls that mean nothing here yet; taken and counted, never an error. */
const UNMAPPED_TYPES: ReadonlySet<string> = new Set(['page', 'screen', 'group', 'alias']);

/**
 * Segment's HTTP API: `track`, `identify` and `batch`. Answered as its libraries expect; refused calls become dead
 * letters, since the libraries have no way to be told of single ones.
 * @throws HttpProblem for whole-request errors, AppError `unavailable`.
 */
export async function postSegment(
  req: IncomingMessage,
  type: 'track' | 'identify' | 'batch',
  options: SegmentOptions,
): Promise<{ readonly success: true }> {
  const contentType = req.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!TYPES.has(contentType)) throw new HttpProblem(415, 'unsupported_media_type', 'Send application/json.');
  const { pipeline, profiles } = options;
  const receive = async ({ body, authenticate }: Parameters<Parameters<typeof pipeline.withBody>[1]>[0]) => {
    const message = parseJson(body);
    if (!isRecord(message)) throw new HttpProblem(400, 'invalid_body', 'The body must be a JSON object.');
    const key = await authenticate(typeof message.writeKey === 'string' ? message.writeKey : null);
    const calls = type === 'batch' ? batchCalls(message) : [{ ...message, type }];
    pipeline.charge(key.workspaceId, calls.length);
    const sorted = await sortCalls(calls, key.workspaceId, options);
    if (sorted.profiles.size > 0) await profiles?.upsertMany(key.workspaceId, [...sorted.profiles.values()]);
    await pipeline.submit(key.workspaceId, sorted);
    return { success: true } as const;
  };
  return pipeline.withBody(req, receive, true);
}

function batchCalls(message: Fields): readonly unknown[] {
  const { batch } = message;
  if (!Array.isArray(batch)) throw new HttpProblem(400, 'invalid_body', '`batch` must be an array of calls.');
  if (batch.length > MAX_RECORDS)
    throw new HttpProblem(413, 'too_many_records', `A batch may hold ${MAX_RECORDS} calls.`, { limit: MAX_RECORDS });
  const calls: readonly unknown[] = batch;
  const shared = isRecord(message.context) ? message.context : null;
  if (shared === null) return calls;
  return calls.map((call) => (isRecord(call) && call.context === undefined ? { ...call, context: shared } : call));
}

async function sortCalls(
  calls: readonly unknown[],
  workspaceId: string,
  { pipeline, profiles, eventNames }: SegmentOptions,
): Promise<Sorted> {
  const sorted: Sorted = { events: [], rejected: [], profiles: new Map() };
  const { unmapped, droppedProperties } = pipeline.metrics;
  const nowMs = pipeline.nowMs();
  for (let index = 0; index < calls.length; index++) {
    if (index > 0 && index % SLICE === 0) await nextTurn();
    const call = calls[index];
    const outcome = isRecord(call) ? takeCall(call) : notACall();
    if (outcome === null) continue;
    if (outcome.ok) sorted.events.push({ index, event: outcome.event });
    else sorted.rejected.push({ index, rejection: outcome.rejection, raw: () => JSON.stringify(call) });
  }
  return sorted;

  function takeCall(call: Fields) {
    if (call.type === 'identify') {
      const outcome = parseIdentifyCall(call);
      const isForNobody = outcome.kind === 'profile' && profiles === null;
      return takeIdentify(isForNobody ? { kind: 'anonymous' } : outcome, sorted, pipeline.metrics);
    }
    if (call.type !== 'track') {
      const known = typeof call.type === 'string' && UNMAPPED_TYPES.has(call.type) ? call.type : 'other';
      unmapped.add(1, { type: known });
      return null;
    }
    const action = typeof call.event === 'string' ? eventNames(workspaceId, call.event) : null;
    if (action === null) {
      unmapped.add(1, { type: 'track' });
      return null;
    }
    const tracked = parseTrackCall(call, action, nowMs);
    if (tracked.droppedProperties > 0) droppedProperties.add(tracked.droppedProperties);
    return tracked.outcome;
  }
}

/** Takes a profile in; returns why there is none, null if nothing is wrong. */
function takeIdentify(outcome: IdentifyOutcome, { profiles }: Sorted, metrics: IngestMetrics): ParseOutcome | null {
  switch (outcome.kind) {
    case 'profile': {
      const { profile, droppedTraits } = outcome;
      if (droppedTraits > 0) metrics.droppedProperties.add(droppedTraits);
      profiles.set(profile.userId, { ...profiles.get(profile.userId), ...told(profile) });
      return null;
    }
    case 'anonymous':
      metrics.unmapped.add(1, { type: 'identify' });
      return null;
    case 'refused':
      return { ok: false, rejection: outcome.rejection };
  }
}

/** Only what was told: a later call must not undo an earlier one of the same batch by saying nothing. */
function told(profile: ProfileTraits): ProfileTraits {
  const entries = Object.entries(profile).filter(([, value]) => value !== undefined);
  return { userId: profile.userId, ...Object.fromEntries(entries) };
}
