import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../errors/index.ts';
import { decodePartial, encodePartial, PARTIAL_KINDS, type PartialKind, type PartialMessage } from './index.ts';

const KINDS = Object.keys(PARTIAL_KINDS) as readonly PartialKind[];
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const name = fc.string({ minLength: 1, unit: 'grapheme' });

const group = fc
  .tuple(fc.constantFrom(...KINDS), count, fc.array(name, { maxLength: 6 }))
  .chain(([kind, startMs, members]) => {
    const size = members.length * PARTIAL_KINDS[kind].width;
    return fc.array(count, { minLength: size, maxLength: size }).map((values) => ({ kind, startMs, members, values }));
  });

const messages: fc.Arbitrary<PartialMessage> = fc.record({
  sourcePartition: fc.nat({ max: 1_000 }),
  cut: count,
  part: fc.nat({ max: 1_000 }),
  isLast: fc.boolean(),
  watermarkMs: fc.option(fc.nat({ max: 4e12 })),
  appendMs: fc.nat({ max: 4e12 }),
  workspaces: fc.array(fc.record({ workspace: name, groups: fc.array(group, { maxLength: 4 }) }), { maxLength: 3 }),
});

const EXAMPLE: PartialMessage = {
  sourcePartition: 3,
  cut: 7_181_020_800,
  part: 0,
  isLast: true,
  watermarkMs: 1_795_254_600_000,
  appendMs: 1_795_255_200_123,
  workspaces: [
    {
      workspace: 'meridian',
      groups: [
        {
          kind: 'additive',
          startMs: 1_795_255_200_000,
          members: ['*', 'region=eu-west-1'],
          values: [1, 2, 3, 4, 749_000, 0, 0, 1, 0, 749_000],
        },
        { kind: 'carts', startMs: 1_795_255_200_000, members: ['*'], values: [5, 2] },
      ],
    },
  ],
};

describe('a partial', () => {
  test('is read as it was written', () => {
    expect(decodePartial(encodePartial(EXAMPLE))).toEqual(EXAMPLE);
    fc.assert(
      fc.property(messages, (message) => {
        expect(decodePartial(encodePartial(message))).toEqual(message);
      }),
    );
  });

  test('is the same bytes for the same message', () => {
    expect(encodePartial(EXAMPLE)).toEqual(encodePartial(structuredClone(EXAMPLE)));
  });

  test('without a watermark differs from one whose watermark is the epoch', () => {
    const none = encodePartial({ ...EXAMPLE, watermarkMs: null });
    const epoch = encodePartial({ ...EXAMPLE, watermarkMs: 0 });
    expect(decodePartial(none).watermarkMs).toBeNull();
    expect(decodePartial(epoch).watermarkMs).toBe(0);
  });

  test('keeps a byte order mark: it makes another workspace and another member', () => {
    const groups = [{ kind: 'active1m' as const, startMs: 0, members: ['a', '\uFEFFa'], values: [1, 2] }];
    const marked = { ...EXAMPLE, workspaces: ['acme', '\uFEFFacme'].map((workspace) => ({ workspace, groups })) };
    expect(decodePartial(encodePartial(marked))).toEqual(marked);
  });

  test('names a member once, however many groups use it', () => {
    const members = ['region=eu-west-1,platform=android'];
    const groups = Array.from({ length: 10 }, (_, i) => ({
      kind: 'active1m' as const,
      startMs: i,
      members,
      values: [1],
    }));
    const size = (n: number): number =>
      encodePartial({ ...EXAMPLE, workspaces: [{ workspace: 'acme', groups: groups.slice(0, n) }] }).length;
    expect(size(10) - size(1)).toBe(9 * 5);
  });

  test('may be larger than the buffer it starts with', () => {
    const members = Array.from({ length: 3_000 }, (_, i) => `region=r${i}`);
    const large = {
      ...EXAMPLE,
      workspaces: [
        {
          workspace: 'acme',
          groups: [{ kind: 'active1h' as const, startMs: 0, members, values: members.map((_, i) => i) }],
        },
      ],
    };
    expect(decodePartial(encodePartial(large))).toEqual(large);
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses to be written with the number %s', (value) => {
    expect(() => encodePartial({ ...EXAMPLE, cut: value })).toThrowError(expect.objectContaining({ code: 'internal' }));
  });

  test('cut off anywhere, or with bytes left over, is corrupt', () => {
    const whole = encodePartial(EXAMPLE);
    for (let length = 0; length < whole.length; length++)
      expect(() => decodePartial(whole.slice(0, length))).toThrowError(
        expect.objectContaining({ code: 'corrupt_data' }),
      );
    expect(() => decodePartial(Uint8Array.from([...whole, 0]))).toThrowError(
      expect.objectContaining({ code: 'corrupt_data' }),
    );
  });

  /** Version, source, cut, part, watermark, append time: all zero but the version. */
  const HEAD = [1, 0, 0, 0, 0, 0];
  test.each([
    ['of an unknown group', [...HEAD, 0, 1, 0, 1, 99, 0, 0]],
    ['that names a member it does not list', [...HEAD, 0, 1, 0, 1, 1, 0, 1, 5, 1]],
    ['that announces more names than bytes', [...HEAD, 0xff, 0xff, 0xff, 0x7f]],
    ['that announces more members than bytes', [...HEAD, 0, 1, 0, 1, 0, 0, 0xff, 0x7f]],
    ['that ends within a text', [...HEAD, 1, 9, 65]],
    ['with a number over 53 bits', [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0, 0, 0, 0]],
    ['with a number of more than eight bytes', [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]],
  ])('%s is corrupt', (_, bytes) => {
    expect(() => decodePartial(Uint8Array.from(bytes))).toThrowError(expect.objectContaining({ code: 'corrupt_data' }));
  });

  test('of another format version is refused as unsupported', () => {
    expect(() => decodePartial(Uint8Array.from([2, 0, 0]))).toThrowError(
      expect.objectContaining({ code: 'unsupported_version' }),
    );
  });

  test('survives any bytes: a message or an AppError, never a hang', () => {
    const survives = (bytes: Uint8Array): void => {
      try {
        decodePartial(bytes);
      } catch (error) {
        expect(isAppError(error)).toBe(true);
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => survives(Uint8Array.from([1, ...bytes]))),
      {
        numRuns: 2_000,
      },
    );
    fc.assert(
      fc.property(messages, fc.nat(), fc.integer({ min: 0, max: 255 }), (message, at, byte) => {
        const bytes = encodePartial(message);
        bytes[at % bytes.length] = byte;
        survives(bytes);
      }),
    );
  });
});
