export { readKnownProfiles } from './knownProfiles.ts';
export { type ProfileCounts, ProfileWriter, type ProfileWriterOptions } from './profileWriter.ts';
