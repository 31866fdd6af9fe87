export { type Colour, coloursWanted, type Paint, painter } from './colour.ts';
export { LineCutter } from './lines.ts';
export { renderLogLine } from './logLine.ts';
export { Terminal } from './terminal.ts';
