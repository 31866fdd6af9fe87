import { connect } from 'node:net';

const ANSWER_WITHIN_MS = 5_000;

/**
 * Sends one command to a Redis server and resolves with its answer's bytes as text; `redis://:password@host:port`.
 * @throws Error when there is no answer, or it is an error
 */
export function redisCommand(url: string, ...args: readonly string[]): Promise<string> {
  const { hostname, port, password } = new URL(url);
  const encode = (words: readonly string[]): string =>
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () =>
      socket.write(encode(['AUTH', decodeURIComponent(password)]) + encode(args) + encode(['ECHO', 'the end'])),
    );
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(`Redis: ${why}`));
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => fail('no answer'));
    socket.on('error', (error) => fail(error.message)).on('close', () => fail('the connection closed'));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (!text.endsWith('$7\r\nthe end\r\n')) return;
      socket.destroy();
      const answer = text.slice('+OK\r\n'.length, -'$7\r\nthe end\r\n'.length);
      if (!text.startsWith('+OK') || answer.startsWith('-')) reject(new Error(`Redis: ${answer || text}`));
      else resolve(answer);
    });
  });
}
