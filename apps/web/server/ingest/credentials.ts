import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../http/problem.ts';
import type { WriteKey, WriteKeyDirectory } from './ports.ts';

/** @throws HttpProblem 401 `invalid_key`; AppError `unavailable` while keys can't be checked. */
export async function authenticate(directory: WriteKeyDirectory, secret: string | null): Promise<WriteKey> {
  const key = secret === null ? null : await directory.find(secret);
  if (key !== null) return key;
  throw new HttpProblem(
    401,
    'invalid_key',
    'Send an active write key: Authorization: Bearer <key> or X-Api-Key: <key>.',
    {},
    { 'www-authenticate': 'Bearer realm="ebap", Basic realm="ebap"' },
  );
}

/** The write key of the headers: Bearer, X-Api-Key, or Basic's user name (as Segment's libraries send it). */
export function headerSecret(req: IncomingMessage): string | null {
  const apiKey = req.headers['x-api-key'];
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey;
  const [scheme, credentials] = (req.headers.authorization ?? '').split(' ', 2);
  if (credentials === undefined || credentials === '') return null;
  switch (scheme?.toLowerCase()) {
    case 'bearer':
      return credentials;
    case 'basic': {
      const user = Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)[0] ?? '';
      return user === '' ? null : user;
    }
    default:
      return null;
  }
}
