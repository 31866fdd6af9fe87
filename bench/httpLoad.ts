import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { guard } from '../stack/cluster/process/guard.ts';

export interface HttpLoadSettings {
  /** The checkout. */
  readonly root: string;
  /** Of the web app. */
  readonly url: string;
  readonly keyFile: string;
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly users: number;
}

/** What the simulator's load generator says of its run; see there. */
export interface HttpLoadReport {
  readonly accepted: number;
  readonly acceptedPerSecond: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly unacknowledged: number;
  /** Requests that were not acknowledged and came again, by reason. */
  readonly retries: Readonly<Record<string, number>>;
  readonly [figure: string]: unknown;
}

export interface HttpLoad {
  readonly pid: number | undefined;
  /** Rejects when the generator fails. */
  readonly ended: Promise<HttpLoadReport>;
  kill(): void;
}

/** The simulator's load generator without duplicates and late events; it ends with this process. */
export function startHttpLoad(settings: HttpLoadSettings): HttpLoad {
  const { root, url, keyFile } = settings;
  const numbers = { rate: settings.ratePerSecond, seconds: settings.seconds, users: settings.users };
  const args = ['--url', url, '--key-file', keyFile];
  for (const [name, value] of Object.entries(numbers)) args.push(`--${name}`, String(value));
  const child = spawn(process.execPath, [join(root, 'apps/simulator/src/load.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const dismissGuard = child.pid === undefined ? (): void => {} : guard(child.pid);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<HttpLoadReport>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      dismissGuard();
      // 2: some events were never acknowledged, which the report tells.
      if (code === 0 || code === 2) resolve(JSON.parse(text) as HttpLoadReport);
      else reject(new Error(`the load ended with ${code}`));
    });
  });
  ended.catch(() => {}); // whoever waits for it is told
  return { pid: child.pid, ended, kill: () => void child.kill('SIGKILL') };
}
