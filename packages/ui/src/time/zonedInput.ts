import { zoneOffsetMs } from '../format/time.ts';

/** A moment as the value of `<input type="datetime-local">` in a zone: `2026-11-27T14:32`. */
export function toZonedInput(timeMs: number, zone: string): string {
  return new Date(timeMs + zoneOffsetMs(timeMs, zone)).toISOString().slice(0, 16);
}

/** The moment a local date and time means in a zone; null if it is not one. A skipped hour means the one after. */
export function fromZonedInput(text: string, zone: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text)) return null;
  const localMs = Date.parse(`${text}:00Z`);
  if (Number.isNaN(localMs)) return null;
  const guessMs = localMs - zoneOffsetMs(localMs, zone);
  return localMs - zoneOffsetMs(guessMs, zone);
}
