export { type LocalFileIOOptions, openLocalFileIO } from './localFileIO.ts';
