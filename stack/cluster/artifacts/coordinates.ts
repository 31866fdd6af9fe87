import { AppError } from '@ebap/pipeline/errors';

/** A file in a Maven repository. */
export interface Coordinates {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly packaging: string;
  readonly classifier: string | undefined;
}

const PART = /^[A-Za-z0-9._-]+$/;

/**
 * Reads `group:artifact:version[:packaging[:classifier]]`; packaging defaults to `jar`.
 * @throws AppError `bad_request`
 */
export function parseCoordinates(text: string): Coordinates {
  const parts = text.split(':');
  const [group, artifact, version, packaging = 'jar', classifier] = parts;
  const isSound = parts.length <= 5 && parts.every((part) => PART.test(part));
  if (!isSound || group === undefined || artifact === undefined || version === undefined) {
    throw new AppError('bad_request', `"${text}" is not group:artifact:version[:packaging[:classifier]].`);
  }
  return { group, artifact, version, packaging, classifier };
}

/** A project that does nothing but need these files. */
export function pomOf(coordinates: readonly Coordinates[]): string {
  const dependencies = coordinates.map(
    ({ group, artifact, version }) =>
      `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  );
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0">',
    '  <modelVersion>4.0.0</modelVersion>',
    '  <groupId>ebap</groupId><artifactId>engine</artifactId><version>1</version><packaging>pom</packaging>',
    '  <dependencies>',
    ...dependencies,
    '  </dependencies>',
    '</project>',
    '',
  ].join('\n');
}
