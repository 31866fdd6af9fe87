/** Structured logs: one JSON object per line on standard output. */
export { type LogFields, type Logger, type LogLevel, openLogger } from './logger.ts';
