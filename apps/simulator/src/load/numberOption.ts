import { AppError } from '@ebap/pipeline/errors';

/** A number from the command line, or the default. @throws AppError `configuration` for one out of its bounds */
export function numberOption(
  name: string,
  value: string | undefined,
  otherwise: number,
  least: number,
  most: number,
): number {
  const read = value === undefined ? otherwise : Number(value);
  if (!(read >= least && read <= most))
    throw new AppError('configuration', `--${name} is a number from ${least} to ${most}.`);
  return read;
}
