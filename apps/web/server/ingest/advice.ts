import { HttpProblem } from '../http/problem.ts';

const NOTHING = 'Nothing of this request was taken';

/** The problem with what became of the request and what its sender should do, after what is wrong. */
export function withAdvice(problem: HttpProblem): HttpProblem {
  const { status, code, message, facts, headers } = problem;
  return new HttpProblem(status, code, `${message} ${adviceFor(status, code)}`, facts, headers);
}

function adviceFor(status: number, code: string): string {
  switch (status) {
    case 401:
      return `${NOTHING}: send all of it again with a valid key.`;
    case 405:
    case 404:
      return `${NOTHING}.`;
    case 408:
      return `${NOTHING}: send all of it again.`;
    case 413:
      return `${NOTHING}: send it in smaller parts.`;
    case 429:
      return code === 'too_many_failures'
        ? `${NOTHING}: find the valid key, wait for the seconds of Retry-After, and send all of it again.`
        : `${NOTHING}: send all of it again after the seconds of Retry-After.`;
    case 503:
      return code === 'overloaded' ? `${NOTHING}: send all of it again after the seconds of Retry-After.` : UNKNOWN;
    case 500:
      return UNKNOWN;
    default:
      return code === 'body_incomplete'
        ? `${NOTHING}: send all of it again.`
        : `${NOTHING}: mend it, then send it again.`;
  }
}

const UNKNOWN =
  'It is not known what was taken: send the whole batch again, unchanged; what was taken already counts once.';
