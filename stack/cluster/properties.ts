/** Java's `.properties` text: one `name=value` line each, with what would be read as something else escaped. */
export function renderProperties(properties: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${escapeName(name)}=${escapeValue(String(value))}\n`)
    .join('');
}

function escapeName(name: string): string {
  return escapeControls(name).replace(/[ :=#!]/g, (character) => `\\${character}`);
}

function escapeValue(value: string): string {
  return escapeControls(value).replace(/^ /, '\\ ');
}

function escapeControls(text: string): string {
  const escapes: readonly (readonly [string, string])[] = [
    ['\\', '\\\\'],
    ['\n', '\\n'],
    ['\r', '\\r'],
    ['\t', '\\t'],
    ['\f', '\\f'],
  ];
  return escapes.reduce((escaped, [character, written]) => escaped.replaceAll(character, written), text);
}
