import type { Observation } from './engineState.ts';

/** An HTTP service; user name and password both or neither. */
export interface HttpService {
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Asks a service below its base address. @throws Error when it does not answer, or with 5xx or another refusal. */
export async function getJson(service: HttpService, path: string, signal: AbortSignal): Promise<unknown> {
  const { url, username, password } = service;
  const authorization =
    username === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  const response = await fetch(url.replace(/\/$/, '') + path, {
    headers: { accept: 'application/json', ...authorization },
    signal,
  }).catch((cause: unknown) => {
    throw new Error(signal.aborted ? 'It did not answer in time.' : reasonOf(cause), { cause });
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`It answered ${response.status}.`);
  return JSON.parse(text);
}

/** `fetch` hides what the system said in its error's cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ECONNREFUSED') return 'It refuses connections.';
  return cause instanceof Error ? cause.message : String(cause);
}

/** The product's connectors as Kafka Connect tells them (`GET /connectors?expand=status`). */
export function connectorsSeen(json: unknown, names: readonly string[]): Observation {
  const all = asRecord(json);
  const faults = names.flatMap((name) => {
    const status = asRecord(asRecord(all[name]).status);
    if (all[name] === undefined) return [`${name} does not exist.`];
    const state = String(asRecord(status.connector).state);
    const tasks = Array.isArray(status.tasks) ? status.tasks : [];
    const failed = tasks.filter((task) => asRecord(task).state === 'FAILED').length;
    if (state === 'FAILED') return [`${name} has failed.`];
    return failed > 0 ? [`${name}: its task has failed.`] : [];
  });
  return faults.length === 0 ? { kind: 'up' } : { kind: 'degraded', message: faults.join(' ') };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
