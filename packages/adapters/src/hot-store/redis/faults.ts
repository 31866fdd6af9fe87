import { AppError, type AppErrorCode } from '@ebap/pipeline/errors';

interface KnownFault {
  readonly pattern: RegExp;
  readonly code: AppErrorCode;
  /** What to do about it. */
  readonly advice?: string;
}

/** By the first word of a server's error; a script's errors keep the word of the command that failed in it. */
const KNOWN_FAULTS: readonly KnownFault[] = [
  {
    // Whoever raises the limit does it at the server: what waits goes on from there.
    pattern: /^OOM /,
    code: 'unavailable',
    advice: 'Its memory is full: raise maxmemory or give the store a server of its own.',
  },
  {
    pattern: /^NOPERM |ACL failure in script/,
    code: 'configuration',
    advice: 'The ACL user lacks a right: see docs/redis.md for the rights each service needs.',
  },
  {
    pattern: /^(WRONGPASS|NOAUTH) |invalid password|without any password configured/,
    code: 'configuration',
    advice: 'Check the user name and password.',
  },
  {
    pattern: /^(MOVED|ASK|CROSSSLOT) |cluster support disabled/i,
    code: 'configuration',
    advice: 'Give a list of nodes for a Redis Cluster, and one address for a server that is none.',
  },
  {
    pattern: /unknown (redis )?command|unknown subcommand/i,
    code: 'unsupported_version',
    advice: 'Redis 7.0 or later is needed, with EVAL and PUBLISH enabled.',
  },
  { pattern: /^WRONGTYPE /, code: 'corrupt_data', advice: 'A key of the hot store is used by something else.' },
  { pattern: /certificate|self-signed|unable to verify/i, code: 'configuration', advice: 'Check the CA certificate.' },
];

/** A server's answer that begins so passes by itself: it starts, fails over, moves slots or can't write its disk. */
const TRANSIENT =
  /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS|MISCONF|UNKILLABLE|NOMASTERLINK)\b/;

/** The driver's words before what the last Sentinel that it asked said. */
const OF_SENTINELS = /^All sentinels are unreachable.*? Last error: /;

/** Any other answer of the server: `ERR …`, and words this version does not know. */
const SERVER_ANSWER = /^[A-Z]{3,} /;

/**
 * A driver's error as an `AppError` (of a cluster or of Sentinels that can't be reached: the last one's): `unavailable`
 * (retryable) for a lost connection, a timeout or a server that starts or fails over; `configuration` where somebody
 * has to change something; else `internal`.
 * `doing` completes the sentence "Redis failed while …".
 */
export function toAppError(error: unknown, doing: string): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof Error && 'lastNodeError' in error && error.lastNodeError instanceof Error)
    return toAppError(error.lastNodeError, doing);
  const detail = error instanceof Error ? error.message : String(error);
  const answer = detail.replace(OF_SENTINELS, '');
  const known = TRANSIENT.test(answer) ? undefined : KNOWN_FAULTS.find(({ pattern }) => pattern.test(answer));
  const code = known?.code ?? (SERVER_ANSWER.test(answer) && !TRANSIENT.test(answer) ? 'internal' : 'unavailable');
  const advice = known?.advice === undefined ? '' : ` ${known.advice}`;
  return new AppError(code, `Redis failed while ${doing}: ${detail.replace(/\.$/, '')}.${advice}`, {
    retryable: code === 'unavailable',
    cause: error,
  });
}

/** True for the error of a replica that was master before: the connection must find the new master. */
export function isDemotedMaster(error: Error): boolean {
  return error.message.startsWith('READONLY');
}

/** True when the server does not know the script (it was restarted, or a replica took over). */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
