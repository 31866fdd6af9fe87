import { StateGlyph } from '@ebap/ui';

const GOOD = new Set(['running', 'streaming', 'ok', 'up']);
const IMPAIRED = new Set(['degraded']);
const BAD = new Set(['alarm', 'failed', 'error', 'down']);

/** A part's state: running is no news; an alarm looks like one. */
export function RunState({ word }: { readonly word: string }) {
  if (GOOD.has(word))
    return (
      <StateGlyph state="normal" isQuiet>
        {word}
      </StateGlyph>
    );
  return <StateGlyph state={BAD.has(word) ? 'firing' : IMPAIRED.has(word) ? 'pending' : 'nodata'}>{word}</StateGlyph>;
}
