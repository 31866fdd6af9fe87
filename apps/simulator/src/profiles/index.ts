export { type ProfileCounts, ProfileWriter, type ProfileWriterOptions } from './profileWriter.ts';
