/** A series is drawn in ink (alone), soft ink (comparison) or a category colour. */
export type SeriesColour = 'ink' | 'ink-soft' | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** The CSS variable behind a series colour. */
export function seriesVariable(colour: SeriesColour): string {
  return typeof colour === 'number' ? `--series-${colour}` : `--${colour}`;
}

/** For DOM and SVG, which resolve variables themselves. */
export function seriesCss(colour: SeriesColour): string {
  return `var(${seriesVariable(colour)})`;
}

/** Category colour by position; after eight it starts over, so callers group the tail as "other" first. */
export function categoryColour(index: number): SeriesColour {
  const colours = [1, 2, 3, 4, 5, 6, 7, 8] as const;
  return colours[index % colours.length] ?? 'ink';
}

/** Colours a canvas needs resolved. */
export interface ChartPalette {
  readonly grid: string;
  readonly axis: string;
  readonly tick: string;
  readonly text: string;
  readonly textStrong: string;
  readonly surface: string;
  readonly hatch: string;
  readonly fontFamily: string;
  series(colour: SeriesColour): string;
}

/** Reads the tokens as they stand now; read again after a theme change. */
export function readPalette(element: Element): ChartPalette {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    grid: token('--grid'),
    axis: token('--border-2'),
    tick: token('--text-3'),
    text: token('--text-2'),
    textStrong: token('--text-1'),
    surface: token('--surface-1'),
    hatch: token('--hatch'),
    fontFamily: token('--font-sans'),
    series: (colour) => token(seriesVariable(colour)),
  };
}
