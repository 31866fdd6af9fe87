import { AppError } from '../errors/index.ts';
import type { Section } from './sections.ts';

/** The section of that name. @throws AppError `corrupt_data`. */
export function requireSection(sections: ReadonlyMap<string, Section>, name: string): Section {
  const section = sections.get(name);
  if (section === undefined) throw new AppError('corrupt_data', `a state segment lacks the section ${name}`);
  return section;
}

function column<T>(section: Section, index: number, type: { new (n: number): T; name: string }): T {
  const found = section.columns[index];
  if (!(found instanceof type))
    throw new AppError('corrupt_data', `column ${index} of ${section.name} is not a ${type.name}`);
  return found as T;
}

export const u8 = (s: Section, i: number): Uint8Array => column(s, i, Uint8Array);
export const u32 = (s: Section, i: number): Uint32Array => column(s, i, Uint32Array);
export const f64 = (s: Section, i: number): Float64Array => column(s, i, Float64Array);
