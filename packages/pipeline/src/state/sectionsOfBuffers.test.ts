import { expect, test } from 'vitest';
import { decodeSections, encodeSections, f64, requireSection } from './index.ts';

test('a segment read into a pooled Buffer gives columns of their own', () => {
  const bytes = encodeSections([{ name: 'a', head: {}, columns: [Uint8Array.of(1), Float64Array.of(1.5, 2.5)] }]);
  const sections = decodeSections(Buffer.from(bytes));
  expect([...f64(requireSection(sections, 'a'), 1)]).toEqual([1.5, 2.5]);
});
