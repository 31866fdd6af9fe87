import { AppError } from '@ebap/pipeline/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openDeadLetterCipher } from './deadLetterCipher.ts';

const key = new Uint8Array(32).fill(7);

test('any bytes come back as they were sealed, also days later', () => {
  let now = 1_795_262_400_000;
  const cipher = openDeadLetterCipher(key, () => now);
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const letter = cipher.seal(bytes);
      now += 86_400_000;
      expect([...cipher.open(letter)]).toEqual([...bytes]);
    }),
  );
});

test('another key or a changed byte is refused', () => {
  const cipher = openDeadLetterCipher(key, () => 0);
  const letter = cipher.seal(new Uint8Array([1, 2, 3]));
  expect(() => openDeadLetterCipher(new Uint8Array(32), () => 0).open(letter)).toThrow(AppError);
  const bytes = Buffer.from(letter.payload, 'base64');
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  expect(() => cipher.open({ payload: bytes.toString('base64'), sealed: true })).toThrow(/does not open/);
});

test('the sealed text does not hold the original', () => {
  const secret = 'someone@example.test';
  expect(
    Buffer.from(openDeadLetterCipher(key, () => 0).seal(Buffer.from(secret)).payload, 'base64').includes(secret),
  ).toBe(false);
});
