import { AppError } from '@ebap/pipeline/errors';
import type { Redis } from 'ioredis';
import type { Logger } from '../../logging/index.ts';

const OLDEST_MAJOR_VERSION = 7;

/**
 * Refuses servers that would lose what they hold, or can't do what is asked of them.
 * @throws AppError `configuration` for an eviction policy, `unsupported_version` for a server before Redis 7.
 */
export async function checkServer(server: Redis, logger: Logger | undefined): Promise<void> {
  const facts = await serverFacts(server).catch((error: unknown) => {
    logger?.log('warn', 'Redis does not tell its version and eviction policy; make sure of noeviction', { error });
    return null;
  });
  if (facts === null) return;
  const version = facts.get('redis_version');
  if (version !== undefined && Number.parseInt(version, 10) < OLDEST_MAJOR_VERSION)
    throw new AppError('unsupported_version', `Redis ${version} is too old: 7.0 or later is needed.`);
  const policy = facts.get('maxmemory_policy');
  if (policy === undefined) {
    logger?.log('warn', 'Redis does not tell its eviction policy; make sure of noeviction');
  } else if (policy !== 'noeviction') {
    throw new AppError(
      'configuration',
      `Redis evicts keys when its memory is full (maxmemory-policy ${policy}), which would lose live numbers ` +
        'and fences silently. Set maxmemory-policy noeviction.',
    );
  }
}

/** `name:value` lines. */
async function serverFacts(server: Redis): Promise<ReadonlyMap<string, string>> {
  const text = await server.info();
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 1 || line.startsWith('#') ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
    }),
  );
}
