import { isAppError } from '@ebap/pipeline/errors';

/** The code of the AppError that the promise is rejected with, `ok` when it resolves; other errors are thrown on. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'ok';
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
}
