/** `2026-01-01 00:00:00.000 UTC [123] LOG:  text` */
const ENTRY = /\] (?<severity>[A-Z0-9]+): {1,2}/;
const WORTH_SEEING = new Set(['WARNING', 'ERROR', 'FATAL', 'PANIC']);
/** Lines that belong to the entry before them. */
const CONTINUES = new Set(['DETAIL', 'HINT', 'CONTEXT', 'STATEMENT', 'QUERY', 'LOCATION']);

/** Passes on PostgreSQL's warnings and errors with their details, and leaves out its running commentary. */
export function quietServerLog(emit: (line: string) => void): (line: string) => void {
  let showing = true;
  return (line) => {
    const severity = ENTRY.exec(line)?.groups?.severity;
    if (severity !== undefined && !CONTINUES.has(severity)) showing = WORTH_SEEING.has(severity);
    if (showing) emit(line.replace(/^\S+ \S+ \S+ \[\d+\] /, ''));
  };
}
