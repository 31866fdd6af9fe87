export { AppError, type AppErrorCode, isAppError } from './appError.ts';
