import { expect, test } from 'vitest';
import { chooseJdk, findJdk, majorOf, versionIn } from './jdk.ts';

const jdk = (home: string, version: string) => ({ home, version });

test.each([
  ['25.0.3', 25],
  ['24', 24],
  ['26-ea', 26],
  ['17.0.15+6', 17],
  ['1.8.0_402', 8],
])('the major version of %s is %i', (version, major) => {
  expect(majorOf(version)).toBe(major);
});

test('the release file of a Java tells its version', () => {
  expect(versionIn('IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="25.0.3"\nJAVA_VERSION_DATE="2026-04-21"\n')).toBe(
    '25.0.3',
  );
  expect(versionIn('IMPLEMENTOR="nobody"\n')).toBeUndefined();
});

test('the preferred Java is taken when it is new enough, though another is newer', () => {
  expect(chooseJdk([jdk('/home', '24.0.1')], [jdk('/newer', '26.0.0')], 24).home).toBe('/home');
});

test('a preferred Java that is too old gives way to the newest that is installed', () => {
  const installed = [jdk('/24', '24.0.1'), jdk('/25', '25.0.3'), jdk('/9', '9.0.4')];
  expect(chooseJdk([jdk('/usr/lib/jvm/17', '17.0.15')], installed, 24).home).toBe('/25');
});

test('without one that is new enough, what was found and what is needed is said', () => {
  expect(() => chooseJdk([jdk('/a', '17.0.15')], [jdk('/a', '17.0.15'), jdk('/b', '21.0.2')], 24)).toThrow(
    /Java 24 or newer is needed.*found: 17\.0\.15 in \/a, 21\.0\.2 in \/b\.\n.*JAVA_HOME/s,
  );
  expect(() => chooseJdk([], [], 24)).toThrow(/none was found/);
});

test('a JAVA_HOME that is no Java is passed over', () => {
  expect(() => findJdk({ JAVA_HOME: import.meta.dirname, PATH: '' }, 1_000)).toThrow(/Java 1000 or newer/);
});
