import { connect } from 'node:net';

const ANSWER_WITHIN_MS = 2_000;

/** Sends text to a port of 127.0.0.1 and tells whether the answer comes to hold what is expected; never throws. */
export async function answers(port: number, request: string, expected: string): Promise<boolean> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => end(false));
    socket.on('error', () => end(false)).on('close', () => end(false));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes(expected)) end(true);
    });
  });
}
