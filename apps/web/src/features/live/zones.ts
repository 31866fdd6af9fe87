/** Zones to choose from: the one in use, the browser's, UTC, then all the browser knows. */
export function zoneChoices(current: string): readonly string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set([current, own, 'UTC', ...Intl.supportedValuesOf('timeZone')])];
}
