import type { ChartPalette } from '../charts/palette.ts';

/** A chart's ground, in pixels. */
export const SIZE = { width: 640, height: 240 };

/** Colours by their names, so that a test reads what is drawn with what. */
export const PALETTE: ChartPalette = {
  grid: 'grid',
  axis: 'axis',
  tick: 'tick',
  text: 'text',
  textStrong: 'strong',
  surface: 'surface',
  hatch: 'hatch',
  fontFamily: 'sans',
  series: (colour) => `series-${colour}`,
};
