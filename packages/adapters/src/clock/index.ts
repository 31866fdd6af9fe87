/** Time for runners and adapters. */
export { systemClock } from './systemClock.ts';
