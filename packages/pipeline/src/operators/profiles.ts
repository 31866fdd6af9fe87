import { TIERS } from '../contracts/dimensions.ts';
import { f64, requireSection, type Section, u8, u32 } from '../state/index.ts';

export const UNKNOWN_TIER = TIERS.indexOf('unknown');
/** Superseded versions are kept this long behind the watermark, for late events. */
const HISTORY_MS = 86_400_000;

interface Version {
  readonly validFromMs: number;
  readonly tier: number;
}

/**
 * Profile versions by user slot. An event takes the version valid at its own time; the first version extends to
 * the past. Delivering a change again changes nothing.
 */
export class Profiles {
  #tiers = new Uint8Array(1024).fill(UNKNOWN_TIER);
  #validFromMs = new Float64Array(1024).fill(Number.NaN);
  /** Superseded versions, oldest first; most people have none. */
  #older = new Map<number, Version[]>();

  put(slot: number, validFromMs: number, tier: number): void {
    if (slot >= this.#tiers.length) this.#grow(slot);
    const currentMs = this.#validFromMs[slot] as number;
    if (Number.isNaN(currentMs) || validFromMs === currentMs) this.#setCurrent(slot, { validFromMs, tier });
    else if (validFromMs > currentMs) {
      this.#insertOlder(slot, { validFromMs: currentMs, tier: this.#tiers[slot] as number });
      this.#setCurrent(slot, { validFromMs, tier });
    } else this.#insertOlder(slot, { validFromMs, tier });
  }

  #setCurrent(slot: number, version: Version): void {
    this.#tiers[slot] = version.tier;
    this.#validFromMs[slot] = version.validFromMs;
  }

  #insertOlder(slot: number, version: Version): void {
    const others = (this.#older.get(slot) ?? []).filter((v) => v.validFromMs !== version.validFromMs);
    this.#older.set(
      slot,
      [...others, version].sort((a, b) => a.validFromMs - b.validFromMs),
    );
  }

  #grow(slot: number): void {
    const size = Math.max(this.#tiers.length * 2, slot + 1);
    const tiers = new Uint8Array(size).fill(UNKNOWN_TIER);
    tiers.set(this.#tiers);
    this.#tiers = tiers;
    const validFromMs = new Float64Array(size).fill(Number.NaN);
    validFromMs.set(this.#validFromMs);
    this.#validFromMs = validFromMs;
  }

  /** Index into TIERS at that time. */
  tierAt(slot: number, timeMs: number): number {
    const currentMs = this.#validFromMs[slot];
    if (currentMs === undefined || timeMs >= currentMs || Number.isNaN(currentMs))
      return this.#tiers[slot] ?? UNKNOWN_TIER;
    const older = this.#older.get(slot);
    if (older === undefined) return this.#tiers[slot] as number;
    for (let i = older.length - 1; i > 0; i--)
      if ((older[i] as Version).validFromMs <= timeMs) return (older[i] as Version).tier;
    return (older[0] as Version).tier;
  }

  /** Start of the version valid at that time, or null without a profile. */
  versionAt(slot: number, timeMs: number): number | null {
    const currentMs = this.#validFromMs[slot];
    if (currentMs === undefined || Number.isNaN(currentMs)) return null;
    if (timeMs >= currentMs) return currentMs;
    const older = this.#older.get(slot) ?? [];
    return older.findLast((v) => v.validFromMs <= timeMs)?.validFromMs ?? older[0]?.validFromMs ?? currentMs;
  }

  /** Forgets versions that were superseded more than a day behind the watermark. */
  close(watermarkMs: number): void {
    const oldestMs = watermarkMs - HISTORY_MS;
    for (const [slot, older] of this.#older) {
      const kept = older.filter(
        (_, i) => (older[i + 1]?.validFromMs ?? (this.#validFromMs[slot] as number)) > oldestMs,
      );
      if (kept.length === older.length) continue;
      if (kept.length === 0) this.#older.delete(slot);
      else this.#older.set(slot, kept);
    }
  }

  toSections(slots: number): readonly Section[] {
    const size = Math.min(slots, this.#tiers.length);
    const older = [...this.#older]
      .sort(([a], [b]) => a - b)
      .flatMap(([slot, versions]) => versions.map((v) => ({ slot, ...v })));
    return [
      { name: 'profiles', head: {}, columns: [this.#tiers.slice(0, size), this.#validFromMs.slice(0, size)] },
      {
        name: 'profiles/older',
        head: {},
        columns: [
          Uint32Array.from(older, (v) => v.slot),
          Float64Array.from(older, (v) => v.validFromMs),
          Uint8Array.from(older, (v) => v.tier),
        ],
      },
    ];
  }

  static fromSections(sections: ReadonlyMap<string, Section>): Profiles {
    const profiles = new Profiles();
    const current = requireSection(sections, 'profiles');
    const tiers = u8(current, 0);
    if (tiers.length > 0) profiles.#grow(tiers.length);
    profiles.#tiers.set(tiers);
    profiles.#validFromMs.set(f64(current, 1));
    const older = requireSection(sections, 'profiles/older');
    const from = f64(older, 1);
    const tier = u8(older, 2);
    u32(older, 0).forEach((slot, i) => {
      profiles.#insertOlder(slot, { validFromMs: from[i] as number, tier: tier[i] as number });
    });
    return profiles;
  }
}
