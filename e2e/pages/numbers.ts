const SUFFIXES: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, B: 1e9 };

/** `1,204`, `€137.2k`, `74.9 %`, `–` as a number; a dash and everything without digits is NaN. */
export function parseNumber(text: string): number {
  const found = /(-?[\d,]+(?:\.\d+)?)\s*([kMB])?/.exec(text);
  if (!found?.[1]) return Number.NaN;
  return Number(found[1].replaceAll(',', '')) * (SUFFIXES[found[2] ?? ''] ?? 1);
}
