import { type Member, memberKey } from '../../contracts/members.ts';
import type { PartialGroup, PartialKind, PartialMessage, PartialWorkspace } from '../../contracts/partial.ts';
import { partitionFor } from '../../contracts/partitioner.ts';
import { type CellPane, memberAt } from '../../operators/index.ts';
import { windowStartMs } from '../../time/windows.ts';
import type { WorkspaceState } from './workspaceState.ts';

/** Cells per message; a cut with more is split into parts, so that no message comes near a broker's limit. */
const MAX_CELLS = 20_000;
const ACTIVE_KINDS = ['active1m', 'active5m', 'active1h'] as const;
const MINUTE_MS = 60_000;

export interface CutHead {
  readonly sourcePartition: number;
  readonly cut: number;
  readonly watermarkMs: number | null;
  readonly appendMs: number;
}

export interface AddressedPartial {
  /** Partition of `ebap.windows.partial`. */
  readonly partition: number;
  readonly message: PartialMessage;
}

/**
 * The messages of a cut: to every partial partition its workspaces' changed cells, and the watermark also where
 * nothing changed.
 */
export function cutMessages(
  head: CutHead,
  states: Iterable<WorkspaceState>,
  regionCode: (region: number) => string,
  partialPartitions: number,
): readonly AddressedPartial[] {
  const perPartition: PartialWorkspace[][] = Array.from({ length: partialPartitions }, () => []);
  for (const state of states) {
    const groups = changedGroups(state, head.appendMs, regionCode);
    if (groups.length > 0)
      perPartition[partitionFor(state.utf8, partialPartitions)]?.push({ workspace: state.id, groups });
  }
  return perPartition.flatMap((workspaces, partition) => {
    const parts = split(workspaces);
    return parts.map((part, i) => ({
      partition,
      message: { ...head, part: i, isLast: i === parts.length - 1, workspaces: part },
    }));
  });
}

function changedGroups(
  state: WorkspaceState,
  appendMs: number,
  regionCode: (region: number) => string,
): readonly PartialGroup[] {
  const groups: PartialGroup[] = [];
  const name = (member: number): string => memberKey(memberAt(member, regionCode) satisfies Member);
  const collect = (kind: PartialKind) => (startMs: number, pane: CellPane) => {
    const members = pane.takeDirty();
    const values = members.flatMap((m) => Array.from({ length: pane.width }, (_, c) => pane.get(m, c)));
    groups.push({ kind, startMs, members: members.map(name), values });
  };
  state.panes.takeDirty(Number.POSITIVE_INFINITY, collect('additive'));
  ACTIVE_KINDS.forEach((kind, g) => {
    state.users.takeDirty(g, collect(kind));
  });
  const trailing = state.users.trailing.takeDirty();
  if (trailing.length > 0)
    groups.push({
      kind: 'trailing',
      startMs: windowStartMs(appendMs, MINUTE_MS),
      members: trailing.map(([member]) => name(member)),
      values: trailing.map(([, users]) => users),
    });
  state.carts.takeDirty(appendMs, collect('carts'));
  state.ledger.takeDirty((minuteMs, counts) => {
    groups.push({ kind: 'ledger', startMs: minuteMs, members: [...counts.keys()], values: [...counts.values()] });
  });
  return groups;
}

function split(workspaces: readonly PartialWorkspace[]): readonly (readonly PartialWorkspace[])[] {
  const parts: PartialWorkspace[][] = [[]];
  let cells = 0;
  for (const { workspace, groups } of workspaces)
    for (const group of groups) {
      if (cells > 0 && cells + group.members.length > MAX_CELLS) {
        parts.push([]);
        cells = 0;
      }
      cells += group.members.length;
      const part = parts[parts.length - 1] ?? [];
      const last = part[part.length - 1];
      if (last?.workspace === workspace) part[part.length - 1] = { workspace, groups: [...last.groups, group] };
      else part.push({ workspace, groups: [group] });
    }
  return parts;
}
