/** Immutable objects by name: adapters of the port `FileIO` and the suite they all pass. */
export { type LocalFileIOOptions, openLocalFileIO } from './local/index.ts';
