/** Java's `.properties` text: one `name=value` line each, with what would be read as something else escaped. */
export function renderProperties(properties: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${escapeName(name)}=${escapeValue(String(value))}\n`)
    .join('');
}

function escapeName(name: string): string {
  return escapeValue(name).replace(/[ :=#!]/g, (character) => `\\${character}`);
}

function escapeValue(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(/^ /, '\\ ');
}
