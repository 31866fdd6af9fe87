/** Something the command palette can do. */
export interface Command {
  readonly id: string;
  /** Heading it stands under: `Go to`, `Range`, `Theme`. */
  readonly group: string;
  readonly label: string;
  readonly hint?: string;
  /** Other words people may type for it. */
  readonly keywords?: string;
}

/**
 * The commands that hold every typed word, best first: words that begin a word of the label, then those inside it,
 * then those found in keywords. Equal ones keep their order.
 */
export function matchCommands<Item extends Command>(query: string, commands: readonly Item[]): readonly Item[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return commands;
  return commands
    .map((command, index) => ({ command, index, score: commandScore(words, command) }))
    .filter((match) => match.score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map((match) => match.command);
}

function commandScore(words: readonly string[], command: Command): number {
  const label = command.label.toLowerCase();
  const rest = `${command.group} ${command.keywords ?? ''}`.toLowerCase();
  let score = 0;
  for (const word of words) {
    const wordScore = label.startsWith(word)
      ? 4
      : label.includes(` ${word}`)
        ? 3
        : label.includes(word)
          ? 2
          : rest.includes(word)
            ? 1
            : 0;
    if (wordScore === 0) return 0;
    score += wordScore;
  }
  return score;
}
