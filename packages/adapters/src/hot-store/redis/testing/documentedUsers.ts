import { readFile } from 'node:fs/promises';

const DOCUMENT = new URL('../../../../../../docs/redis.md', import.meta.url);
const USER = /^user (ebap-\S+) /;

/** The ACL rules of these users as the documentation gives them, with this password. @throws Error when one is missing */
export async function documentedUsers(names: readonly string[], password: string): Promise<readonly string[]> {
  const lines = (await readFile(DOCUMENT, 'utf8')).split('\n');
  return names.map((name) => {
    const line = lines.find((text) => USER.exec(text)?.[1] === name);
    if (line === undefined) throw new Error(`docs/redis.md names no ACL user ${name}`);
    return line.replace(/>\S+/, `>${password}`);
  });
}
