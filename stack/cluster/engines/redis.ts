import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePrivateFolder } from '../../start/secrets.ts';
import type { EngineContext } from './context.ts';
import { answers } from './probes.ts';
import { ProcessEngine } from './processEngine.ts';

export const redisUrl = ({ ports, secrets }: EngineContext): string =>
  `redis://:${secrets.password('redis')}@127.0.0.1:${ports.redis}`;

/** Redis with its append-only file, synchronised each second; it refuses writes rather than evict. */
export function redisEngine(context: EngineContext): ProcessEngine {
  const { ports, secrets, artifacts } = context;
  const dir = join(context.dataDir, 'redis');
  return new ProcessEngine({
    name: 'redis',
    title: 'Redis',
    needs: [],
    logFile: context.logFile('redis'),
    stopWithinMs: 15_000,
    async prepare() {
      const { server, libraryDirs } = await artifacts.redis();
      ensurePrivateFolder(dir);
      const config = join(dir, 'redis.conf');
      writeFileSync(config, redisConfig(ports.redis, dir, secrets.password('redis')), { mode: 0o600 });
      const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };
      const libraries = libraryDirs.length === 0 ? {} : { LD_LIBRARY_PATH: libraryDirs.join(':') };
      return { program: server, args: [config], cwd: dir, env: { ...env, ...libraries } };
    },
    isReady: () => answers(ports.redis, `AUTH ${secrets.password('redis')}\r\nPING\r\n`, '+PONG'),
  });
}

/** The server's configuration file. */
export function redisConfig(port: number, dir: string, password: string): string {
  const settings = {
    bind: '127.0.0.1',
    port,
    dir: `"${dir}"`,
    requirepass: password,
    daemonize: 'no',
    supervised: 'no',
    save: '""',
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}
