export { formatAge, formatDuration } from './duration.ts';
export {
  currencySymbol,
  evenMoneyFormat,
  formatMoney,
  formatMoneyCompact,
  type MoneyUnits,
  moneyToDecimal,
  moneyToNumber,
} from './money.ts';
export {
  evenFormat,
  formatBytes,
  formatCompact,
  formatCount,
  formatLabel,
  formatNoun,
  formatPercent,
  formatRate,
  formatTick,
  NBSP,
  NO_VALUE,
} from './number.ts';
export {
  type ClockPrecision,
  formatClock,
  formatClockWithZone,
  formatDay,
  formatMoment,
  formatSpan,
  isZone,
  zoneLabel,
  zoneName,
  zoneOffsetMs,
} from './time.ts';
