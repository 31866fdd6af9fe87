import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compatibilityFaults, parseSchema } from './index.ts';
import { avscType, type Json, schemaPairs } from './testing/schemaPairs.ts';

function faults(reader: unknown, writer: unknown): readonly string[] {
  return compatibilityFaults(parseSchema(JSON.stringify(reader)), parseSchema(JSON.stringify(writer)));
}

function avscReads(reader: Json, writer: Json): boolean {
  const [readerType, writerType] = [avscType(reader), avscType(writer)];
  try {
    readerType.createResolver(writerType);
    return true;
  } catch {
    return false;
  }
}

describe('against avsc', () => {
  test('a pair is compatible exactly when avsc finds a resolver', () => {
    const seen = { compatible: 0, incompatible: 0 };
    fc.assert(
      fc.property(schemaPairs, ({ reader, writer }) => {
        const isCompatible = faults(reader, writer).length === 0;
        seen[isCompatible ? 'compatible' : 'incompatible']++;
        expect({ reader, writer, isCompatible }).toEqual({ reader, writer, isCompatible: avscReads(reader, writer) });
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(seen.compatible, seen.incompatible)).toBeGreaterThan(300);
  });

  test('a schema that is compatible reads what was written', () => {
    fc.assert(
      fc.property(schemaPairs, ({ reader, writer, isRecursive }) => {
        fc.pre(faults(reader, writer).length === 0 && !isRecursive);
        const [readerType, writerType] = [avscType(reader), avscType(writer)];
        const resolver = readerType.createResolver(writerType);
        // Types that contain themselves are left out: random values of them may not end.
        readerType.fromBuffer(writerType.toBuffer(writerType.random()), resolver);
      }),
      { numRuns: 300 },
    );
  });
});
