export { assertPartition, Fetcher } from './fetcher.ts';
