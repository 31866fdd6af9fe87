import { AppError, isAppError } from '@ebap/pipeline/errors';

/** The system's error code of a failed call (`ENOSPC`, `EACCES`, …). */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Resolves to undefined when the file is not there; every other fault stays a fault. */
export function absent(error: unknown): undefined {
  const code = errnoOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH') return undefined;
  throw error;
}

/** Says in one sentence what a person can mend about a folder that cannot be used. */
export function folderFault(folder: string, error: unknown): unknown {
  if (isAppError(error)) return error;
  const code = errnoOf(error);
  if (code === 'EROFS') return configuration(`The folder ${folder} is on a read-only file system.`, error);
  if (code === 'EACCES' || code === 'EPERM') {
    return configuration(`The folder ${folder} cannot be written by this user.`, error);
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') return configuration(`${folder} is not a folder.`, error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder, error);
  return error;
}

/** What the database's own last words mean, or an `internal` fault that quotes them. */
export function serverFault(folder: string, port: number | undefined, output: string): AppError {
  if (/No space left on device|Disk quota exceeded/.test(output)) return diskFull(folder);
  if (/Read-only file system/.test(output)) {
    return configuration(`The folder ${folder} is on a read-only file system.`);
  }
  if (/Address already in use/.test(output)) {
    return new AppError('configuration', `Port ${port} on 127.0.0.1 is taken: stop its owner or choose another port.`, {
      context: { port: port ?? null },
    });
  }
  if (/user does not exist|could not look up effective user/.test(output)) {
    return configuration('This user has no entry in /etc/passwd, which PostgreSQL needs: run as a named user.');
  }
  const words = output.trim().split('\n').slice(-6).join(' | ');
  return new AppError('internal', `The embedded PostgreSQL did not start: ${words || 'it said nothing'}`);
}

function diskFull(folder: string, cause?: unknown): AppError {
  return configuration(`There is no room left on the disk of ${folder}: free some and start again.`, cause);
}

function configuration(message: string, cause?: unknown): AppError {
  return new AppError('configuration', message, { cause });
}
