import { setTimeout as delay } from 'node:timers/promises';
import { purchase, send } from './events.ts';
import { enginePids, type PlatformAddress, servicePids } from './platform.ts';
import { processTree } from './processTree.ts';

const TRIES = 20;
/** An append takes milliseconds; one that waits for a paused writer, for ever. */
const ANSWER_WITHIN_MS = 2_500;

let paused: readonly number[] = [];

/** Stops a service's processes until {@link resume}. */
export function pause(dataDir: string, service: 'postgres' | 'worker'): void {
  pauseTree(servicePids(dataDir).get(service), service);
}

/** Stops an engine's processes until {@link resume}. */
export function pauseEngine(dataDir: string, engine: string): void {
  pauseTree(enginePids(dataDir).get(engine), engine);
}

function pauseTree(pid: number | undefined, name: string): void {
  if (pid === undefined) throw new Error(`No process of ${name} is recorded.`);
  paused = processTree(pid);
  signalAll('SIGSTOP');
}

/** Kills what was paused: it never comes to its senses. */
export function killPaused(): void {
  signalAll('SIGKILL');
  paused = [];
}

/**
 * Stops the worker at a moment when it is not writing: the embedded log has one writer at a time, and one that is
 * stopped in the middle keeps everybody out (their appends are answered 503 until it goes on or is killed).
 */
export async function pauseWorker(platform: PlatformAddress): Promise<void> {
  for (let n = 0; n < TRIES; n++) {
    pause(platform.dataDir, 'worker');
    const probe = send(platform, [purchase({ amount: '0' }, { action: 'view' })]).then(({ status }) => status === 202);
    if (await Promise.race([probe.catch(() => false), delay(ANSWER_WITHIN_MS, false)])) return;
    resume();
    await probe.catch(() => false);
    await delay(50 * n);
  }
  throw new Error(`the worker was writing at each of ${TRIES} moments`);
}

/** Lets what was paused go on; what has ended meanwhile is left alone. */
export function resume(): void {
  signalAll('SIGCONT');
  paused = [];
}

function signalAll(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
  for (const pid of paused)
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
}
