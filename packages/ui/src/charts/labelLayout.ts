export interface LabelWish {
  /** Where the label wants its centre, px from the top. */
  readonly y: number;
  readonly height: number;
}

/**
 * Moves labels apart so that none overlap and all stay within [top, bottom], each as near its wish as the others let it.
 * Returns centres in the order of the wishes; if they cannot all fit, they touch from `top` downwards.
 */
export function layoutLabels(wishes: readonly LabelWish[], top: number, bottom: number): readonly number[] {
  const order = wishes.map((_, index) => index).sort((a, b) => (wishes[a]?.y ?? 0) - (wishes[b]?.y ?? 0));
  const groups: { members: number[]; height: number; centre: number }[] = [];
  for (const index of order) {
    const wish = wishes[index];
    if (!wish) continue;
    let group = { members: [index], height: wish.height, centre: clampCentre(wish.y, wish.height, top, bottom) };
    let above = groups.at(-1);
    while (above && above.centre + above.height / 2 > group.centre - group.height / 2 + 1e-6) {
      groups.pop();
      const height = above.height + group.height;
      const centre =
        (above.centre * above.members.length + group.centre * group.members.length) /
        (above.members.length + group.members.length);
      group = {
        members: [...above.members, ...group.members],
        height,
        centre: clampCentre(centre, height, top, bottom),
      };
      above = groups.at(-1);
    }
    groups.push(group);
  }
  const centres = wishes.map((wish) => wish.y);
  for (const group of groups) {
    let y = group.centre - group.height / 2;
    for (const index of group.members) {
      const height = wishes[index]?.height ?? 0;
      centres[index] = y + height / 2;
      y += height;
    }
  }
  return centres;
}

function clampCentre(centre: number, height: number, top: number, bottom: number): number {
  return Math.max(top + height / 2, Math.min(bottom - height / 2, centre));
}
