import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Asks the process to end (waking it if it is paused), waits up to ten seconds, then ends its whole group.
 * `$1` is the process, which leads its group.
 */
const SCRIPT = [
  'read -r _',
  'kill -s TERM "$1" 2>/dev/null; kill -s CONT -- "-$1" 2>/dev/null',
  'n=0',
  'while kill -0 "$1" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done',
  'kill -s KILL -- "-$1" 2>/dev/null',
].join('\n');

/**
 * A shell that ends `pid` when this process is gone, even by `kill -9`: the pipe to the shell closes. A Java cannot
 * watch such a pipe itself.
 * @returns a function that sends the shell away, for when the process has ended
 */
export function guard(pid: number): () => void {
  const shell: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'guard', String(pid)], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell the next start finds and ends the process by its recorded id.
  shell.on('error', () => {});
  shell.stdin?.on('error', () => {});
  shell.unref();
  return () => {
    shell.kill('SIGKILL');
    shell.stdin?.destroy();
  };
}
