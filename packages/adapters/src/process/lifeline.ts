import { Socket } from 'node:net';
import { AppError } from '@ebap/pipeline/errors';

/** Names the descriptor of the pipe whose other end the parent holds. */
export const LIFELINE_FD_VARIABLE = 'EBAP_LIFELINE_FD';

type Environment = Record<string, string | undefined>;

export interface LifelineOptions {
  /** Orderly end of this process; it may be cut off after `graceMs`. */
  readonly stop?: () => Promise<void> | void;
  /** Longest time `stop` gets. Default 10 s. */
  readonly graceMs?: number;
  /** For tests. */
  readonly exit?: (code: number) => void;
}

const DEFAULT_GRACE_MS = 10_000;
const EXIT_CODE_ORPHANED = 70;

/**
 * Ends this process when its parent is gone, however it went: the parent holds one end of a pipe (descriptor in
 * `EBAP_LIFELINE_FD`), and the system closes it even on `kill -9`. Without the variable nothing is watched.
 * The variable is removed, so that this process's own children do not mistake the number for theirs.
 * @param env the process's own environment
 * @returns a function that stops watching
 * @throws AppError `configuration` when the variable is not a descriptor's number
 */
export function exitWithParent(env: Environment, options: LifelineOptions = {}): () => void {
  const text = env[LIFELINE_FD_VARIABLE];
  if (text === undefined || text === '') return () => {};
  delete env[LIFELINE_FD_VARIABLE];
  const fd = Number(text);
  if (!Number.isSafeInteger(fd) || fd < 0) {
    throw new AppError('configuration', `${LIFELINE_FD_VARIABLE} is not a descriptor: ${text}`);
  }
  const pipe = new Socket({ fd, readable: true, writable: false });
  let watching = true;
  const orphaned = () => {
    if (!watching) return;
    watching = false;
    void leave(options);
  };
  pipe.on('end', orphaned).on('error', orphaned).on('close', orphaned);
  pipe.resume();
  pipe.unref();
  return () => {
    watching = false;
    pipe.destroy();
  };
}

async function leave(options: LifelineOptions): Promise<void> {
  const exit = options.exit ?? process.exit;
  const deadline = setTimeout(() => exit(EXIT_CODE_ORPHANED), options.graceMs ?? DEFAULT_GRACE_MS);
  try {
    await options.stop?.();
  } finally {
    clearTimeout(deadline);
    exit(EXIT_CODE_ORPHANED);
  }
}
