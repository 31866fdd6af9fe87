/** UTF-8 length in bytes; ASCII-sized texts that can't reach `limitBytes` are not measured exactly. */
export function exceedsBytes(text: string, limitBytes: number): boolean {
  if (text.length > limitBytes) return true;
  return text.length * 3 > limitBytes && Buffer.byteLength(text) > limitBytes;
}

/** Text that stays itself as UTF-8 (no lone surrogates, which would turn into U+FFFD) and fits. */
export function isSoundText(text: string, limitBytes: number): boolean {
  return !exceedsBytes(text, limitBytes) && text.isWellFormed();
}

/** The longest start of the text that fits, cut between characters. */
export function truncateBytes(text: string, limitBytes: number): string {
  if (!exceedsBytes(text, limitBytes)) return text;
  const bytes = Buffer.from(text.slice(0, limitBytes));
  let end = Math.min(limitBytes, bytes.length);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
