export { appendCall } from './appendCall.ts';
export { Appender } from './appender.ts';
