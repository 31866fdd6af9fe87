/** Positions in the write-ahead log, as 64-bit numbers. */
export type Lsn = bigint;

export const NO_LSN: Lsn = 0n;

/** Parses PostgreSQL's `16/B374D848`. */
export function parseLsn(text: string): Lsn {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

export function formatLsn(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffff_ffffn).toString(16)}`.toUpperCase();
}
