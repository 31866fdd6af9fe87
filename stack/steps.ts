import { spawn } from 'node:child_process';

/** One command of a check or test run. */
export interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

export interface StepResult {
  readonly name: string;
  readonly passed: boolean;
  readonly durationMs: number;
}

/**
 * Runs the steps one after the other with their output passed through; a failed step does not keep the later ones
 * from running, so that one run tells everything.
 * @param env variables on top of this process's own
 */
export async function runSteps(
  steps: readonly Step[],
  env: Readonly<Record<string, string>> = {},
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const step of steps) {
    if (steps.length > 1) console.log(`\n── ${step.name} ──`);
    const startedMs = performance.now();
    const passed = await runStep(step, env);
    results.push({ name: step.name, passed, durationMs: performance.now() - startedMs });
  }
  return results;
}

/** Prints each step with its time and the totals; true when all passed. */
export function summarise(results: readonly StepResult[]): boolean {
  console.log('');
  for (const { name, passed, durationMs } of results) {
    console.log(`${passed ? '✔' : '✘'} ${name.padEnd(24)} ${(durationMs / 1000).toFixed(1).padStart(6)} s`);
  }
  const failed = results.filter((result) => !result.passed).length;
  console.log(`${results.length - failed} steps passed, ${failed} failed`);
  return failed === 0;
}

function runStep(step: Step, env: Readonly<Record<string, string>>): Promise<boolean> {
  const [command, ...args] = step.command;
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('error', (error) => {
      console.error(`${command} could not be run: ${error.message}`);
      resolve(false);
    });
    child.on('exit', (code) => resolve(code === 0));
  });
}
