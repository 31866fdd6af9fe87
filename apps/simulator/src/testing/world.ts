import { type Emission, type EventRecord, type ModelOptions, type ProfileChange, ShopModel } from '../model/index.ts';
import type { ScenarioRun } from '../model/scenarios.ts';

/** A Saturday morning in Europe, the night in the Americas. */
export const START_MS = Date.parse('2026-11-21T08:00:00Z');

export interface Lived {
  readonly emissions: readonly Emission[];
  readonly profileChanges: readonly ProfileChange[];
}

/** Lets shoppers live for some seconds, in steps of `stepMs`. */
export function live(
  seconds: number,
  options: Partial<ModelOptions> = {},
  runs: readonly ScenarioRun[] = [],
  stepMs = 60_000,
): Lived {
  const startMs = options.startMs ?? START_MS;
  const model = new ShopModel({ seed: 1, startMs, eventsPerSecond: 20, ...options });
  model.setScenarios(runs);
  const emissions: Emission[] = [];
  const profileChanges: ProfileChange[] = [];
  const endMs = startMs + seconds * 1_000;
  for (let ms = startMs; ms < endMs; ms += stepMs) {
    const lived = model.advance(Math.min(endMs, ms + stepMs));
    emissions.push(...lived.emissions);
    profileChanges.push(...lived.profileChanges);
  }
  return { emissions, profileChanges };
}

/** A record as sent, with what the emission says of it. */
export interface Sent extends EventRecord {
  readonly workspace: string;
  readonly sentMs: number;
  readonly timeMs: number;
}

/** Every sound record once, by the time it happened. */
export function events(lived: Lived): readonly Sent[] {
  return lived.emissions
    .filter((e) => e.fate === 'sound' || e.fate === 'delayed')
    .map((e) => {
      // The model wrote this text itself.
      const record = JSON.parse(e.body) as EventRecord;
      return { ...record, workspace: e.workspace, sentMs: e.timeMs, timeMs: Date.parse(record.timestamp) };
    })
    .sort((a, b) => a.timeMs - b.timeMs);
}

/** By workspace and session, each in its order. */
export function sessions(sent: readonly Sent[]): ReadonlyMap<string, readonly Sent[]> {
  return Map.groupBy(sent, (e) => `${e.workspace}/${e.user_id}/${e.metadata.session_id}`);
}
