export { judge, type Rejection, type Verdict } from './answer.ts';
export { parseRetryAfter, retryDelayMs } from './backoff.ts';
export type { SendCounts } from './counts.ts';
export { HttpClient } from './httpClient.ts';
export { untilReady } from './readiness.ts';
export { Sender, type SenderOptions } from './sender.ts';
