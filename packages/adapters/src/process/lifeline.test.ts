import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitWithParent, LIFELINE_FD_VARIABLE, processIdentity } from './index.ts';

const MODULE = join(import.meta.dirname, 'index.ts');

/** A child that watches descriptor 3 and reports how it stops. */
function startWatcher(stop: string, graceMs: number) {
  const program = `
    import { exitWithParent } from ${JSON.stringify(MODULE)};
    exitWithParent(process.env, { graceMs: ${graceMs}, stop: ${stop} });
    console.log('variable', process.env.${LIFELINE_FD_VARIABLE});
    setInterval(() => {}, 1_000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    env: { ...process.env, [LIFELINE_FD_VARIABLE]: '3' },
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, exited, output: () => output };
}

async function firstOutput(watcher: ReturnType<typeof startWatcher>): Promise<void> {
  while (watcher.output() === '') await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('exitWithParent', () => {
  test('stops in order when the other end closes, and hides the variable from own children', async () => {
    const watcher = startWatcher("() => console.log('stopped')", 5_000);
    await firstOutput(watcher);
    watcher.child.stdio[3]?.destroy();
    expect(await watcher.exited).toBe(70);
    expect(watcher.output()).toBe('variable undefined\nstopped\n');
  });

  test('leaves when stopping takes too long', async () => {
    const watcher = startWatcher('() => new Promise(() => {})', 100);
    await firstOutput(watcher);
    watcher.child.stdio[3]?.destroy();
    expect(await watcher.exited).toBe(70);
  });

  test('watches nothing without the variable', () => {
    expect(() => exitWithParent({})()).not.toThrow();
  });

  test('refuses a variable that is no descriptor', () => {
    expect(() => exitWithParent({ [LIFELINE_FD_VARIABLE]: 'x' })).toThrow('is not a descriptor');
  });
});

describe('processIdentity', () => {
  test('is the same for the same process and absent for one that ended', async () => {
    expect(processIdentity(process.pid)).toBe(processIdentity(process.pid));
    const child = spawn(process.execPath, ['--eval', '0']);
    await new Promise((resolve) => child.once('exit', resolve));
    expect(processIdentity(child.pid ?? 0)).toBeUndefined();
  });
});
