import { expect, test } from 'vitest';
import * as versions from '../versions.ts';
import { parseCoordinates, pomOf } from './coordinates.ts';

test('coordinates name group, artifact and version, and may name packaging and classifier', () => {
  expect(parseCoordinates('org.apache.kafka:kafka_2.13:4.3.1')).toEqual({
    group: 'org.apache.kafka',
    artifact: 'kafka_2.13',
    version: '4.3.1',
    packaging: 'jar',
    classifier: undefined,
  });
  expect(parseCoordinates('io.debezium:connector:3.6.3.Final:tar.gz:plugin')).toMatchObject({
    packaging: 'tar.gz',
    classifier: 'plugin',
  });
});

test.each(['', 'group:artifact', 'a:b:c:d:e:f', 'a:b:<version>', 'a::1'])('"%s" is refused', (text) => {
  expect(() => parseCoordinates(text)).toThrow(/is not group:artifact:version/);
});

test('a project needs each of the files', () => {
  const pom = pomOf(['a:b:1', 'c:d:2'].map(parseCoordinates));
  expect(pom).toContain('<dependency><groupId>a</groupId><artifactId>b</artifactId><version>1</version></dependency>');
  expect(pom).toContain('<dependency><groupId>c</groupId><artifactId>d</artifactId><version>2</version></dependency>');
});

test('every engine is named by sound coordinates', () => {
  for (const { coordinates } of [versions.KAFKA_JARS, versions.CONNECT_JARS].filter(
    (each) => each.kind === 'classpath',
  )) {
    for (const text of coordinates) expect(() => parseCoordinates(text)).not.toThrow();
  }
  for (const { coordinates } of [versions.DEBEZIUM_PLUGIN, versions.REGISTRY_APP].filter(
    (each) => each.kind === 'archive',
  )) {
    expect(parseCoordinates(coordinates).packaging).toBe('tar.gz');
  }
});
