import type { Settings } from '@ebap/adapters/settings';
import { DEMO_PEOPLE } from '@ebap/db';
import { ROLE_TITLES } from '@ebap/pipeline/access';
import type { Paint } from '../terminal/index.ts';

export interface DemoAccess {
  /** Whether the local identity provider offers the demo people: one click, no password, this machine only. */
  readonly logins: boolean;
  /** Undefined: there is no demo key. */
  readonly apiKey: string | undefined;
}

export interface StorageUse {
  readonly usedBytes: number;
  /** Where the embedded database lies; null when another one is used. */
  readonly databaseDir: string | null;
}

const GIB = 1024 ** 3;

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences have no width
const ANSI = /\u001b\[[\d;]*m/g;

/** What a person needs after `npm start`. */
export function banner(settings: Settings, demo: DemoAccess, storage: StorageUse, paint: Paint): string {
  const notes = [`Stop: Ctrl-C   Data: ${settings.dataDir}`, ...storageLines(settings, storage, paint)];
  return welcome(settings.publicUrl, demo, notes, paint);
}

/** Where to look, as whom, how to send an event; the notes stand at the foot of the box. */
export function welcome(publicUrl: string, demo: DemoAccess, notes: readonly string[], paint: Paint): string {
  const sections = [
    [`${paint('bold', 'EBAP is running')}   ${paint('cyan', publicUrl)}`],
    loginLines(demo.logins, paint),
    notes,
  ].filter((lines) => lines.length > 0);
  const box = drawBox(sections.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])));
  return demo.apiKey === undefined ? box : `${box}\n\n${curlLines(publicUrl, demo.apiKey, paint)}\n`;
}

/** As root the database lies outside the data folder: that has to be said. */
function storageLines({ dataDir, dataLimitBytes }: Settings, { usedBytes, databaseDir }: StorageUse, paint: Paint) {
  const isElsewhere = databaseDir !== null && !databaseDir.startsWith(`${dataDir}/`);
  const used = (usedBytes / GIB).toFixed(usedBytes < GIB ? 2 : 1);
  return [
    ...(isElsewhere ? [`Database: ${databaseDir}`] : []),
    paint('dim', `Disk: ${used} of ${dataLimitBytes / GIB} GiB used (EBAP_DATA_LIMIT_GB)`),
  ];
}

function loginLines(logins: boolean, paint: Paint): string[] {
  if (!logins) return [];
  return [
    paint('dim', 'Sign in with one click as'),
    ...DEMO_PEOPLE.map(({ name, email, role }) => `${name.padEnd(17)}${ROLE_TITLES[role].padEnd(18)}${email}`),
  ];
}

/** Outside the box, on one line, so that it can be copied whole. */
function curlLines(publicUrl: string, apiKey: string, paint: Paint): string {
  const event =
    '{"id":"\'$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)\'","user_id":"you","action":"purchase",' +
    '"metadata":{"amount":"19.90","currency":"EUR","platform":"web"},"location":"eu-central-1",' +
    '"timestamp":"\'$(date -u +%Y-%m-%dT%H:%M:%SZ)\'"}';
  return [
    paint('dim', 'Send an event of your own:'),
    `curl -s ${publicUrl}/v1/events -H 'content-type: application/json' -H 'authorization: Bearer ${apiKey}' -d '[${event}]'`,
  ].join('\n');
}

function drawBox(lines: readonly string[]): string {
  const width = Math.max(...lines.map(visibleLength));
  const rows = lines.map((line) => `│ ${line}${' '.repeat(width - visibleLength(line))} │`);
  return [`┌${'─'.repeat(width + 2)}┐`, ...rows, `└${'─'.repeat(width + 2)}┘`].join('\n');
}

function visibleLength(text: string): number {
  return text.replace(ANSI, '').length;
}
