import { spawnSync } from 'node:child_process';

/** A process and all that it and its children have started, parents first. */
export function processTree(root: number): readonly number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const all = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [root];
  for (const parent of tree) for (const [pid, ppid] of all) if (ppid === parent && pid !== undefined) tree.push(pid);
  return tree;
}
