import { AppError } from '@ebap/pipeline/errors';

/** Where writes in progress live: inside the root, so that a link stays on one file system. Not a name of a file. */
export const TEMP_FOLDER = '.tmp';

const MAX_NAME_BYTES = 1_024;
const MAX_SEGMENT_BYTES = 255;
const SEGMENT = /^[A-Za-z0-9._=-]+$/;

/** @throws AppError `bad_request` for anything that is not a plain relative name: no `..`, no empty segment. */
export function validatedName(name: string): string {
  const segments = name.split('/');
  const valid = name.length <= MAX_NAME_BYTES && segments.every(isSegment) && segments[0] !== TEMP_FOLDER;
  if (!valid) throw badName(name);
  return name;
}

/** A prefix may end anywhere inside a name, also with `/`; the empty prefix is all files. */
export function validatedPrefix(prefix: string): string {
  const segments = prefix.split('/');
  const last = segments.pop() ?? '';
  const valid =
    prefix.length <= MAX_NAME_BYTES &&
    segments.every(isSegment) &&
    (last === '' || SEGMENT.test(last)) &&
    last !== '..';
  if (!valid) throw badName(prefix);
  return prefix;
}

function isSegment(segment: string): boolean {
  return SEGMENT.test(segment) && segment !== '.' && segment !== '..' && segment.length <= MAX_SEGMENT_BYTES;
}

function badName(name: string): AppError {
  return new AppError('bad_request', 'A file name has segments of [A-Za-z0-9._=-] separated by `/`.', {
    context: { name: name.slice(0, 200) },
  });
}
