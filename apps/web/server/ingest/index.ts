import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpProblem, sendJson, toProblem } from '../http/problem.ts';
import { refuse } from '../http/refusal.ts';
import { withAdvice } from './advice.ts';
import { postEvents } from './eventsEndpoint.ts';
import { postSegment, type SegmentOptions } from './segment/segmentEndpoint.ts';

/** Writes a fault that nobody expected to the log. */
export type FaultLog = (error: unknown, where: string) => void;

const CORS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, content-encoding, x-api-key, x-retry-count',
  'access-control-expose-headers': 'retry-after',
  'access-control-max-age': '86400',
};

type Endpoint = 'events' | 'track' | 'identify' | 'batch';

const PREFIX = '/v1/';
const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ['/v1/events', 'events'],
  ['/v1/track', 'track'],
  ['/v1/identify', 'identify'],
  ['/v1/batch', 'batch'],
]);

/** Answers ingestion requests; returns false for paths outside `/v1/`. */
export function ingestHandler(options: SegmentOptions, onFault: FaultLog) {
  return (req: IncomingMessage, res: ServerResponse, path: string): boolean => {
    if (!path.startsWith(PREFIX)) return false;
    void answer(req, res, path, options, onFault);
    return true;
  };
}

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  options: SegmentOptions,
  onFault: FaultLog,
): Promise<void> {
  const { metrics } = options.pipeline;
  const startMs = performance.now();
  for (const [name, value] of Object.entries(CORS)) res.setHeader(name, value);
  try {
    const endpoint = ENDPOINTS.get(path);
    if (endpoint === undefined) throw unknownPath();
    if (req.method === 'OPTIONS') {
      res.writeHead(204).end();
      return;
    }
    if (req.method !== 'POST')
      throw new HttpProblem(405, 'method_not_allowed', 'Use POST.', {}, { allow: 'POST, OPTIONS' });
    if (endpoint === 'events') sendJson(res, 202, await postEvents(req, options.pipeline));
    else sendJson(res, 200, await postSegment(req, endpoint, options));
  } catch (error) {
    const problem = withAdvice(toProblem(error));
    metrics.problems.add(1, { code: problem.code });
    if (problem.status === 500) onFault(error, path);
    refuse(req, res, problem);
  } finally {
    metrics.requestSeconds.observeMs(performance.now() - startMs);
  }
}

function unknownPath(): HttpProblem {
  const paths = [...ENDPOINTS.keys()].join(', ');
  return new HttpProblem(404, 'not_found', `There is nothing here. Events are taken at ${paths}.`);
}
