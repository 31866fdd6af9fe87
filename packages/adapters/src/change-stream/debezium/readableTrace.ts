/** Longest text shown to people. */
const LIMIT = 400;
/** `org.example.SomeException: ` and nested ones. */
const CLASS_NAMES = /^(?:[a-z][\w$]*\.)+[A-Z][\w$]*(?:: |$)/;
/** Debezium prints its whole position into one message. */
const DUMP = /\s*\b\w+Context \[.*\]/;

/**
 * What a Java stack trace says: its first message, and that of its root cause where that says more. `secrets` never
 * appear, in whatever line they stood.
 */
export function readableTrace(trace: string, secrets: readonly string[] = []): string {
  const lines = trace.split('\n').map((line) => line.trim());
  const first = messageOf(lines[0] ?? '');
  const causes = lines.filter((line) => line.startsWith('Caused by: ')).map((line) => messageOf(line.slice(11)));
  const root = causes.findLast((cause) => cause !== '') ?? '';
  const all = root === '' || first.includes(root) ? first : first === '' ? root : `${first} ${root}`;
  const safe = redacted(all === '' ? 'no reason given' : all, secrets);
  return safe.length <= LIMIT ? safe : `${safe.slice(0, LIMIT - 1)}…`;
}

/** The text without the secrets. */
export function redacted(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== '').reduce((safe, secret) => safe.replaceAll(secret, '***'), text);
}

function messageOf(line: string): string {
  let text = line;
  while (CLASS_NAMES.test(text)) text = text.replace(CLASS_NAMES, '');
  return text.replace(DUMP, ' a stored position').trim();
}
