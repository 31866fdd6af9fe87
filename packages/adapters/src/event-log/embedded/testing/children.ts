import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AppendAck } from '@ebap/pipeline/ports';

export interface Acknowledged {
  readonly call: number;
  readonly topic: string;
  readonly acks: readonly AppendAck[];
}

export interface Appender {
  readonly name: string;
  /** What was acknowledged to it so far. */
  readonly acknowledged: readonly Acknowledged[];
  /** Resolves with the exit code (null when killed) once all its output has arrived. */
  readonly ended: Promise<number | null>;
  kill(): void;
}

/** Starts a real process that appends to the topics `even` and `odd` of the log in `dir`. */
export function startAppender(dir: string, name: string, calls: number, recordsPerCall: number): Appender {
  const script = fileURLToPath(new URL('./appender.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script, dir, name, String(calls), String(recordsPerCall)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: Acknowledged[] = [];
  let partial = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (partial + text).split('\n');
    partial = lines.pop() ?? '';
    for (const line of lines) acknowledged.push(JSON.parse(line) as Acknowledged);
  });
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
  return { name, acknowledged, ended, kill: () => child.kill('SIGKILL') };
}
