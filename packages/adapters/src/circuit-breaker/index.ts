export { CircuitBreaker, type CircuitBreakerOptions } from './circuitBreaker.ts';
export { guardedEventLog, guardedHotStore } from './guarded.ts';
