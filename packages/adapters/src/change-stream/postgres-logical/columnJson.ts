/** Object ids of built-in types, from `pg_type.dat`. */
const BOOL = 16;
const BYTEA = 17;
const INT8 = 20;
const INT2 = 21;
const INT4 = 23;
const OID = 26;
const FLOAT4 = 700;
const FLOAT8 = 701;
const DATE = 1082;
const TIME = 1083;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;

const TIMESTAMP_TEXT = /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(\+00)?$/;
const DAY_MS = 86_400_000;

/**
 * A column's value as the JSON text Debezium writes (`decimal.handling.mode=string`): integers as numbers with all
 * their digits, `numeric` as text, `timestamptz` as ISO-8601 in UTC with six decimals, `timestamp` and `time` as
 * microseconds, `date` as days, `bytea` as base64, everything else (jsonb, uuid, enums, arrays) as its text.
 * `text` is PostgreSQL's output with `datestyle=ISO` and `timezone=UTC`; infinities and years BC stay as they are.
 */
export function columnJson(typeOid: number, text: string): string {
  switch (typeOid) {
    case BOOL:
      return text === 't' ? 'true' : 'false';
    case INT2:
    case INT4:
    case INT8:
    case OID:
      return text;
    case FLOAT4:
    case FLOAT8:
      return Number.isFinite(Number(text)) ? text : JSON.stringify(text);
    case TIMESTAMPTZ:
      return JSON.stringify(isoTimestamp(text));
    case TIMESTAMP:
      return microseconds(text);
    case DATE:
      return /^\d{4,6}-\d\d-\d\d$/.test(text) ? String(dateMs(text) / DAY_MS) : JSON.stringify(text);
    case TIME:
      return microseconds(`1970-01-01 ${text}`);
    case BYTEA:
      return JSON.stringify(Buffer.from(text.slice(2), 'hex').toString('base64'));
    default:
      return JSON.stringify(text);
  }
}

function isoTimestamp(text: string): string {
  const parts = TIMESTAMP_TEXT.exec(text);
  if (parts === null) return text;
  const [, year, month, day, hour, minute, second, fraction = ''] = parts;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(6, '0')}Z`;
}

function microseconds(text: string): string {
  const parts = TIMESTAMP_TEXT.exec(text);
  if (parts === null) return JSON.stringify(text);
  const [, year, month, day, hour, minute, second, fraction = ''] = parts;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const ms = BigInt(dateMs(`${year}-${month}-${day}`) + seconds * 1_000);
  return String(ms * 1_000n + BigInt(fraction.padEnd(6, '0')));
}

function dateMs(text: string): number {
  const [year = '', month = '', day = ''] = text.split('-');
  return Date.UTC(Number(year), Number(month) - 1, Number(day));
}
